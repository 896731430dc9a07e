import LinuxSystem

extension SegmentEngine {
    /// Writes to the capture ring, under its lock.
    mutating func record(_ body: (inout SegmentEngine, inout CaptureRing) -> Void) {
        let captures = handle.captures
        captures.write { ring in body(&self, &ring) }
        handle.watch.bell.strike()
    }

    /// Puts a record into the ring, counting what had to make room, and answers its number.
    func append(_ record: CaptureRecord, _ datagram: Span<UInt8>, to ring: inout CaptureRing) -> UInt64 {
        ring.append(record, datagram) { evicted in
            guard evicted.kind != .loss else { return }
            handle.totals.ringEvictions.add()
            if slotStates[Int(evicted.slot)].endpoint == evicted.endpoint {
                slotStates[Int(evicted.slot)].counters.ringEvictions.add()
            }
        }
    }

    /// Puts a loss of so many datagrams into the ring; nothing for none.
    func appendLoss(_ lost: UInt32, of socket: EngineSocket, to ring: inout CaptureRing) {
        guard lost > 0 else { return }
        let mark = CaptureRecord(
            kind: .loss, endpoint: 0, slot: 0, socket: socket.serial,
            timestampNanoseconds: Clock.realtimeNanoseconds, lost: lost)
        let nothing: [UInt8] = []
        _ = append(mark, nothing.span, to: &ring)
    }
}

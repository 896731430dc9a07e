import LinuxSystem

extension SegmentEngine {
    /// Writes to the capture ring, under its lock.
    mutating func record(_ body: (inout SegmentEngine, inout CaptureRing) -> Void) {
        let captures = handle.captures
        lacksCaptureMemory = captures.write { ring in
            body(&self, &ring)
            return ring.lacksMemory
        }
        handle.watch.bell.strike()
    }

    /// Has the helper provide the memory that captures to come will need, if there is not enough.
    mutating func requestCaptureMemory() {
        guard lacksCaptureMemory else { return }
        lacksCaptureMemory = false
        let captures = handle.captures
        handle.namespaces.requests.postAtOnce(.call { captures.provideMemory() })
    }

    /// Puts a record into the ring, counting what had to make room, and answers its number.
    @inline(__always)
    func append(_ record: CaptureRecord, _ datagram: Span<UInt8>, to ring: inout CaptureRing) -> UInt64 {
        while let evicted = ring.makeRoom(forOctets: datagram.count) {
            guard evicted.kind != .loss else { continue }
            handle.totals.received.evictions.add()
            if slotStates[Int(evicted.slot)].endpoint == evicted.endpoint {
                slotStates[Int(evicted.slot)].received.evictions.add()
            }
        }
        return ring.place(record, datagram)
    }

    /// Asks for the memory that is needed of the endpoints whose records have to make room for so many others.
    mutating func prefetchOldest(_ count: Int, in ring: borrowing CaptureRing) {
        guard ring.count == ring.capacity else { return }
        let numbers = ring.oldestNumber..<(ring.oldestNumber + UInt64(min(count, ring.count)))
        for number in numbers {
            slotStates.prefetch(ring.slot(at: number))
        }
        for number in numbers {
            slotStates[ring.slot(at: number)].received.prefetchEvictions()
        }
    }

    /// Puts a loss of so many datagrams into the ring.
    mutating func appendLoss(_ lost: UInt32, of socket: EngineSocket, to ring: inout CaptureRing) {
        let mark = CaptureRecord(
            kind: .loss, endpoint: 0, slot: 0, socket: socket.serial,
            timestampNanoseconds: Clock.realtimeNanoseconds, lost: lost)
        let nothing: [UInt8] = []
        _ = append(mark, nothing.span, to: &ring)
    }
}

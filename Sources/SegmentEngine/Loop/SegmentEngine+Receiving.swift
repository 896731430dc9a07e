import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Rounds that empty the largest receive buffer, and once more for what answers add.
    private static let settleLimit = 512

    /// Reads a batch from each ready socket in turn; one with more to give stays on the list.
    mutating func receiveFromReadySockets() {
        guard !readySockets.isEmpty else { return }
        swap(&readySockets, &socketsInTurn)
        defer { socketsInTurn.removeAll(keepingCapacity: true) }
        for position in socketsInTurn.indices {
            let socket = socketsInTurn[position]
            socket.isReady = false
            if receive(from: socket) == EngineSocket.batchSize {
                socket.isReady = true
                readySockets.append(socket)
            }
            flushAll()
        }
    }

    /// Reads and answers until endpoints that are stopping have counted what was sent to them.
    ///
    /// That is what was queued when they stopped, and what answers their last segments brought; other
    /// traffic does not prolong it.
    mutating func settle(_ stopping: [EndpointRuntime]) {
        let places = Set(stopping.map(\.local))
        var horizon = Clock.realtimeNanoseconds
        for _ in 0..<Self.settleLimit {
            flushAll()
            var isSettled = true
            for case let socket? in sockets {
                let count = receive(from: socket)
                guard count > 0 else { continue }
                if arrivals.contains(where: { slots[$0.slot]?.answers == false || places.contains($0.source) }) {
                    flushAll()
                    horizon = Clock.realtimeNanoseconds
                    isSettled = false
                }
                let latest = receiveBatch.timestampNanoseconds(at: count - 1)
                if count == EngineSocket.batchSize, latest < horizon { isSettled = false }
            }
            if isSettled { return }
        }
    }

    /// Reads, keeps and answers at most one batch, and says how many datagrams it was.
    mutating func receive(from socket: EngineSocket) -> Int {
        arrivals.removeAll(keepingCapacity: true)
        let count = fill(from: socket)
        // One at least, so that a socket that was thought ready does not keep the engine from asking.
        datagramsSinceReports += max(count, 1)
        guard count > 0 else {
            if socket.noteEmpty() { noteDrops(of: socket) }
            return 0
        }
        var lost: UInt32 = 0
        for place in 0..<count {
            socket.noteRead(octets: receiveBatch.octets(at: place).count)
            lost &+= countLoss(upTo: receiveBatch.drops(at: place), of: socket)
            guard var arrival = arrival(at: place, on: socket) else { continue }
            arrival.lostBefore = lost
            lost = 0
            arrivals.append(arrival)
        }
        keepArrivals(on: socket, lostAfter: lost)
        // What was lost last has no datagram after it yet, and shows only when nothing is left.
        if count < EngineSocket.batchSize, socket.noteEmpty() {
            noteDrops(of: socket)
        }
        if !watchedSlots.isEmpty { watchArrivals() }
        answerArrivals()
        return count
    }

    /// Reads next from the socket of the endpoint that a segment of ours goes to, if there is one.
    mutating func expectArrival(from source: TransportAddress, at destination: TransportAddress) {
        guard let slot = index.slot(local: destination, remote: source), let socket = slots[slot]?.socket,
            !socket.isReady
        else { return }
        socket.isReady = true
        readySockets.append(socket)
    }

    /// Receives a batch; where an error is reported instead, it is taken off and the batch received after it.
    private mutating func fill(from socket: EngineSocket) -> Int {
        do throws(Errno) {
            return try receiveBatch.fill(from: socket.raw.descriptor)
        } catch {
            takeNetworkErrors(of: socket)
            return (try? receiveBatch.fill(from: socket.raw.descriptor)) ?? 0
        }
    }

    /// Counts what a socket has lost since it was last asked, and marks the place in the ring.
    mutating func noteDrops(of socket: EngineSocket) {
        guard let drops = try? socket.raw.drops() else { return }
        let lost = countLoss(upTo: drops, of: socket)
        guard lost > 0 else { return }
        record { engine, ring in engine.appendLoss(lost, of: socket, to: &ring) }
    }

    /// Counts the difference to a socket's drops so far, and answers it.
    private func countLoss(upTo drops: UInt32, of socket: EngineSocket) -> UInt32 {
        // A datagram queued before the first loss carries no number.
        let lost = drops == 0 ? 0 : drops &- socket.lastDrops
        // A number read after this datagram was queued may be ahead of the datagram's.
        guard lost > 0, lost <= UInt32(Int32.max) else { return 0 }
        socket.lastDrops = drops
        socket.drops.count.add(UInt64(lost))
        handle.totals.kernelDrops.add(UInt64(lost))
        return lost
    }

    /// Reads a datagram as far as needed; `nil` when it is for none of the socket's endpoints.
    private func arrival(at place: Int, on socket: EngineSocket) -> Arrival? {
        let octets = receiveBatch.octets(at: place)
        guard let header = try? IPv4HeaderView(octets) else { return nil }
        let segment = header.payload
        guard segment.count >= 4 else { return nil }
        let source = TransportAddress(address: header.source, port: segment.bigEndianUInt16(at: 0))
        let local = TransportAddress(address: header.destination, port: segment.bigEndianUInt16(at: 2))
        guard let slot = index.slot(local: local, remote: source) else {
            if !watchedSlots.isEmpty { noteStray(at: place, for: local) }
            return nil
        }
        guard slotStates[slot].socket == socket.serial else { return nil }

        var arrival = Arrival(
            place: place, slot: slot, timestampNanoseconds: receiveBatch.timestampNanoseconds(at: place),
            source: source, segmentLength: segment.count, malformed: Malformation.set(in: octets))
        if arrival.timestampNanoseconds == 0 {
            arrival.timestampNanoseconds = Clock.realtimeNanoseconds
        }
        if segment.count >= 14 {
            arrival.flags = TCPFlags(rawValue: segment[13])
        }
        arrival.checksum = ChecksumVerdict(of: segment, from: header.source, to: header.destination)?.status
        if segment.count >= TCPSegmentView.minimumHeaderLength {
            arrival.numbers = Self.numbers(of: segment)
        }
        return arrival
    }

    static func numbers(of segment: Span<UInt8>) -> PreparedSegment.ReceivedNumbers {
        let flags = TCPFlags(rawValue: segment[13])
        let sequenceNumber = segment.bigEndianUInt32(at: 4)
        var length = UInt32(payload(of: segment).count)
        if flags.contains(.syn) { length += 1 }
        if flags.contains(.fin) { length += 1 }
        return PreparedSegment.ReceivedNumbers(
            sequenceNumber: sequenceNumber, acknowledgmentNumber: segment.bigEndianUInt32(at: 8),
            end: sequenceNumber &+ length)
    }

    /// What follows the header; where the data offset is impossible, what follows 20 octets.
    @_lifetime(copy segment)
    private static func payload(of segment: Span<UInt8>) -> Span<UInt8> {
        guard let view = try? TCPSegmentView(segment) else {
            return segment.extracting(min(TCPSegmentView.minimumHeaderLength, segment.count)...)
        }
        return view.payload
    }

    /// Counts the arrivals and puts them into the ring, with a mark wherever datagrams were lost.
    private mutating func keepArrivals(on socket: EngineSocket, lostAfter: UInt32) {
        record { engine, ring in
            var tally = ReceivedTally()
            defer { engine.handle.totals.countReceived(tally) }
            for position in engine.arrivals.indices {
                let arrival = engine.arrivals[position]
                engine.appendLoss(arrival.lostBefore, of: socket, to: &ring)
                engine.slotStates[arrival.slot].counters.countReceived(arrival)
                tally.add(arrival)
                let record = CaptureRecord(
                    kind: .received, endpoint: engine.slotStates[arrival.slot].endpoint, slot: UInt32(arrival.slot),
                    socket: socket.serial,
                    timestampNanoseconds: arrival.timestampNanoseconds, checksum: arrival.checksum,
                    malformed: arrival.malformed)
                let number = engine.append(record, engine.receiveBatch.octets(at: arrival.place), to: &ring)
                engine.slotStates[arrival.slot].latestCapture = number
                engine.arrivals[position].number = number
            }
            engine.appendLoss(lostAfter, of: socket, to: &ring)
        }
    }

    /// Lets the rules of the endpoints see the arrivals.
    private mutating func answerArrivals() {
        for position in arrivals.indices where slotStates[arrivals[position].slot].hasRules {
            let arrival = arrivals[position]
            guard let rule = rule(for: arrival), let numbers = arrival.numbers, let endpoint = slots[arrival.slot]
            else { continue }
            let occasion = PreparedSegment.Occasion(
                source: endpoint.local, destination: arrival.source, received: numbers)
            answer(occasion, for: endpoint, rule: rule)
        }
    }

    /// The first of the endpoint's rules that matches and has answers left; `nil` when none does.
    ///
    /// What an endpoint sent itself, and what has no whole header, is never answered.
    private func rule(for arrival: Arrival) -> Int? {
        guard let flags = arrival.flags, arrival.numbers != nil, let endpoint = slots[arrival.slot],
            endpoint.answers, arrival.source != endpoint.local,
            let header = try? IPv4HeaderView(receiveBatch.octets(at: arrival.place))
        else { return nil }
        let payload = Self.payload(of: header.payload)
        return endpoint.rules.indices.first { rule in
            endpoint.rules[rule].remaining != 0
                && endpoint.rules[rule].match.holds(flags: flags, payload: payload)
        }
    }
}

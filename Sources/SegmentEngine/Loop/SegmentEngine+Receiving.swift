import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Rounds that empty the largest receive buffer, and once more for what answers add.
    private static let settleLimit = 512
    /// What a call costs for one datagram is worth so many that come with others.
    private static let datagramsOfACall = 8
    /// So many endpoints stay in the processor's cache by themselves.
    private static let warmEndpoints = 64

    /// Reads a batch from each ready socket in turn; one with more to give stays on the list.
    mutating func receiveFromReadySockets() {
        guard !readySockets.isEmpty else { return }
        swap(&readySockets, &socketsInTurn)
        for position in socketsInTurn.indices {
            let socket = socketsInTurn[position]
            socket.isReady = false
            let limit = socket.takeExpected()
            if receive(from: socket, atMost: limit) == limit, !socket.isReady {
                socket.isReady = true
                readySockets.append(socket)
            }
            flushAll()
        }
        // One by one: quicker than all at once where it is one or two, as it is mostly.
        while socketsInTurn.popLast() != nil {}
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
                let count = receive(from: socket, atMost: EngineSocket.readBatchSize)
                guard count > 0 else { continue }
                let concerns = arrivals.indices.contains { position in
                    let arrival = arrivals[position]
                    return slots[arrival.slot]?.answers == false || places.contains(addressees[arrival.place].source)
                }
                if concerns {
                    flushAll()
                    horizon = Clock.realtimeNanoseconds
                    isSettled = false
                }
                let latest = receiveBatch.timestampNanoseconds(at: count - 1)
                if count == EngineSocket.readBatchSize, latest < horizon { isSettled = false }
            }
            if isSettled { return }
        }
    }

    /// Reads, keeps and answers so many datagrams at most, and says how many it were.
    mutating func receive(from socket: EngineSocket, atMost limit: Int) -> Int {
        arrivals.removeAll()
        let count = fill(from: socket, atMost: limit)
        // Some at least, so that a socket that was thought ready does not keep the engine from asking.
        datagramsSinceReports += max(count, Self.datagramsOfACall)
        guard count > 0 else {
            if socket.noteEmpty() { noteDrops(of: socket) }
            if !watchedSlots.isEmpty { socket.emptyAt = Clock.monotonicNanoseconds }
            return 0
        }
        findAddressees(ofFirst: count, on: socket)
        let (lostAfter, mayAnswer) = takeArrivals(ofFirst: count, on: socket)
        countArrivals()
        keepArrivals(on: socket, lostAfter: lostAfter)
        // What was lost last has no datagram after it yet, and shows only when nothing is left.
        if count < limit, socket.noteEmpty() {
            noteDrops(of: socket)
        }
        if !watchedSlots.isEmpty {
            watchArrivals(at: socket)
            if count < limit { socket.emptyAt = Clock.monotonicNanoseconds }
        }
        if mayAnswer { answerArrivals() }
        return count
    }

    /// Reads next from the socket of the endpoint that a segment of ours goes to, if there is one.
    mutating func expectArrival(
        from source: TransportAddress, at destination: TransportAddress, in network: Int
    ) {
        guard let slot = networks[network].index.slot(local: destination, remote: source),
            let socket = slots[slot]?.socket
        else { return }
        socket.expectedArrivals += 1
        guard !socket.isReady else { return }
        socket.isReady = true
        readySockets.append(socket)
    }

    /// Reads the datagrams of a batch, and finds out for which endpoints they are.
    ///
    /// With many endpoints the memory of each is cold, and waiting for it would cost as much as all the rest: it is
    /// asked for, for all datagrams, before any of it is used.
    private mutating func findAddressees(ofFirst count: Int, on socket: EngineSocket) {
        addressees.removeAll()
        let isCold = count > 1 && slots.count > Self.warmEndpoints
        let network = socket.network
        var octetCount = 0
        for place in 0..<count {
            var addressee = addressee(at: place)
            octetCount += Int(addressee.summary.length)
            if isCold {
                networks[network].index.prefetch(local: addressee.local, remote: addressee.source)
            } else {
                addressee.slot = slot(of: addressee, in: network)
            }
            addressees.append(addressee)
        }
        socket.noteRead(count, octets: octetCount)
        guard isCold else { return }
        for place in 0..<count {
            guard let slot = slot(of: addressees[place], in: network) else { continue }
            addressees[place].slot = slot
            slotStates.prefetch(slot)
        }
        for place in 0..<count {
            guard let slot = addressees[place].slot else { continue }
            slotStates[slot].received.prefetch()
        }
    }

    private func slot(of addressee: Addressee, in network: Int) -> Int? {
        guard addressee.isSegment else { return nil }
        return networks[network].index.slot(local: addressee.local, remote: addressee.source)
    }

    private func addressee(at place: Int) -> Addressee {
        Addressee(DatagramSummary(of: receiveBatch.octets(at: place)))
    }

    /// Lists what endpoints of the socket have received; answers how many datagrams were lost after the last, and whether
    /// any of the endpoints has rules.
    private mutating func takeArrivals(
        ofFirst count: Int, on socket: EngineSocket
    ) -> (lostAfter: UInt32, mayAnswer: Bool) {
        var lost: UInt32 = 0
        var mayAnswer = false
        for place in 0..<count {
            lost &+= countLoss(upTo: receiveBatch.drops(at: place), of: socket)
            guard let slot = addressees[place].slot, slotStates[slot].socket == socket.serial else {
                if !watchedSlots.isEmpty { noteStray(at: place, in: socket.network) }
                continue
            }
            if slotStates[slot].isFiltered, !admits(receiveBatch.octets(at: place), at: slot) { continue }
            arrivals.append(Arrival(slot: slot, place: place, lostBefore: lost))
            lost = 0
            mayAnswer = mayAnswer || slotStates[slot].hasRules
        }
        return (lostAfter: lost, mayAnswer: mayAnswer)
    }

    /// Receives a batch; where an error is reported instead, it is taken off and the batch received after it.
    private mutating func fill(from socket: EngineSocket, atMost limit: Int) -> Int {
        do throws(Errno) {
            return try receiveBatch.fill(from: socket.raw.descriptor, atMost: limit)
        } catch {
            takeNetworkErrors(of: socket)
            return (try? receiveBatch.fill(from: socket.raw.descriptor, atMost: limit)) ?? 0
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

    static func numbers(
        of segment: Span<UInt8>, payloadLength: Int
    ) -> PreparedSegment.ReceivedNumbers {
        let flags = TCPFlags(rawValue: segment[13])
        let sequenceNumber = segment.bigEndianUInt32(at: 4)
        var length = UInt32(payloadLength)
        if flags.contains(.syn) { length += 1 }
        if flags.contains(.fin) { length += 1 }
        return PreparedSegment.ReceivedNumbers(
            sequenceNumber: sequenceNumber, acknowledgmentNumber: segment.bigEndianUInt32(at: 8),
            end: sequenceNumber &+ length)
    }

    /// What follows the header; where the data offset is impossible, what follows 20 octets.
    @_lifetime(copy segment)
    static func payload(of segment: Span<UInt8>) -> Span<UInt8> {
        guard let view = try? TCPSegmentView(segment) else {
            return segment.extracting(min(TCPSegmentView.minimumHeaderLength, segment.count)...)
        }
        return view.payload
    }

    /// Counts the arrivals, for their endpoints and in total.
    // `mutating`, as others here that change nothing of the engine, because it would be copied to be lent otherwise.
    private mutating func countArrivals() {
        guard !arrivals.isEmpty else { return }
        let first = arrivals[0].slot
        guard arrivals.count > 1 else {
            let summary = addressees[arrivals[0].place].summary
            slotStates[first].received.count(summary)
            return handle.totals.received.count(summary)
        }
        var tally = ReceivedTally()
        var others = 0
        for position in arrivals.indices {
            tally.add(addressees[arrivals[position].place].summary)
            others |= arrivals[position].slot ^ first
        }
        handle.totals.received.count(tally)
        // A batch is often for one endpoint.
        guard others != 0 else { return slotStates[first].received.count(tally) }
        for position in arrivals.indices {
            let arrival = arrivals[position]
            slotStates[arrival.slot].received.count(addressees[arrival.place].summary)
        }
    }

    /// Puts the arrivals into the ring, with a mark wherever datagrams were lost.
    private mutating func keepArrivals(on socket: EngineSocket, lostAfter: UInt32) {
        guard !arrivals.isEmpty || lostAfter > 0 else { return }
        record { engine, ring in
            if engine.slots.count > Self.warmEndpoints {
                engine.prefetchOldest(engine.arrivals.count, in: ring)
            }
            for position in engine.arrivals.indices {
                let arrival = engine.arrivals[position]
                if arrival.lostBefore > 0 { engine.appendLoss(arrival.lostBefore, of: socket, to: &ring) }
                let summary = engine.addressees[arrival.place].summary
                let record = CaptureRecord(
                    kind: .received, endpoint: engine.slotStates[arrival.slot].endpoint, slot: UInt32(arrival.slot),
                    socket: socket.serial, timestampNanoseconds: engine.receiveBatch.arrivalTime(at: arrival.place),
                    checksum: summary.checksum, malformed: summary.malformed)
                let number = engine.append(record, engine.receiveBatch.octets(at: arrival.place), to: &ring)
                engine.slotStates[arrival.slot].latestCapture = number
                engine.arrivals[position].number = number
            }
            if lostAfter > 0 { engine.appendLoss(lostAfter, of: socket, to: &ring) }
        }
    }

    /// Lets the rules of the endpoints see the arrivals.
    private mutating func answerArrivals() {
        for position in arrivals.indices where slotStates[arrivals[position].slot].hasRules {
            let place = arrivals[position].place
            guard let endpoint = slots[arrivals[position].slot],
                let answer = answer(toArrivalAt: place, of: endpoint)
            else { continue }
            var occasion = PreparedSegment.Occasion(
                source: endpoint.local, destination: addressees[place].source, received: answer.numbers)
            if let answerBudgets {
                let octets = receiveBatch.octets(at: place)
                occasion.budget = answerBudgets.take(octets, at: Clock.monotonicNanoseconds)
            }
            self.answer(occasion, for: endpoint, rule: answer.rule)
        }
    }

    /// The first of the endpoint's rules that matches and has answers left, and the numbers that it may use; `nil` when
    /// none does.
    ///
    /// What an endpoint sent itself, and what has no whole header, is never answered.
    private func answer(
        toArrivalAt place: Int, of endpoint: EndpointRuntime
    ) -> (rule: Int, numbers: PreparedSegment.ReceivedNumbers)? {
        let addressee = addressees[place]
        let flags = addressee.summary.flags
        guard endpoint.answers, addressee.source != endpoint.local,
            let header = try? IPv4HeaderView(receiveBatch.octets(at: place))
        else { return nil }
        let segment = header.payload
        guard segment.count >= TCPSegmentView.minimumHeaderLength else { return nil }
        let payload = Self.payload(of: segment)
        let datagram = receiveBatch.octets(at: place)
        for rule in endpoint.rules.indices
        where endpoint.rules[rule].holds(flags: flags, payload: payload, datagram: datagram) {
            return (rule: rule, numbers: Self.numbers(of: segment, payloadLength: payload.count))
        }
        return nil
    }
}

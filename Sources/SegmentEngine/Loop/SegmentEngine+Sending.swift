import LinuxSystem
import TCPWire

extension SegmentEngine {
    private static let fullQueueRetryLimit = 10

    /// Sends a user's segment, and answers the transmission that tells how it goes.
    mutating func send(_ template: SegmentTemplate, from id: String) throws(EngineError) -> TransmissionRecord {
        guard let endpoint = endpointsByID[id] else { throw .unknownEndpoint(id: id) }
        guard let socket = endpoint.socket else { throw .endpointStopped(id: id) }
        try checkHeader(template.ip, of: endpoint.local.address)
        guard let destination = template.ip.destination ?? endpoint.remote?.address,
            template.destinationPort != nil || endpoint.remote != nil
        else { throw .destinationMissing(id: id) }
        try checkDestination(destination)
        let limit = handle.configuration.maximumQueuedSegments
        guard socket.queue.count < limit else { throw .tooManyQueuedSegments(limit: limit) }

        let segment: PreparedSegment
        do throws(WireError) {
            segment = try PreparedSegment(template, local: endpoint.local, remote: endpoint.remote)
        } catch {
            throw .segmentImpossible(error)
        }
        let transmission = handle.transmissions.begin(endpoint: id, requested: 1)
        let purpose = EngineSocket.Purpose(
            kind: .transmission(transmission.number), slot: endpoint.slot, serial: endpoint.serial,
            segmentLength: segment.segmentLength)
        enqueueOrWait(segment, on: occasion(for: endpoint), for: purpose, through: socket)
        return transmission
    }

    /// Sends what an endpoint begins with.
    mutating func sendOpening(of endpoint: EndpointRuntime) {
        guard let socket = endpoint.socket else { return }
        for segment in endpoint.opening {
            let purpose = EngineSocket.Purpose(
                kind: .opening, slot: endpoint.slot, serial: endpoint.serial, segmentLength: segment.segmentLength)
            enqueueOrWait(segment, on: occasion(for: endpoint), for: purpose, through: socket)
        }
    }

    /// Puts a segment into a socket's batch, sending what is there to make room; `false` when there is none.
    mutating func enqueue(
        _ segment: PreparedSegment, on occasion: PreparedSegment.Occasion, for purpose: EngineSocket.Purpose,
        through socket: EngineSocket
    ) -> Bool {
        let destination = segment.destination(on: occasion)
        guard handle.configuration.allows(destination), destination.isUnicast else {
            count(.blocked, error: nil, for: purpose)
            return true
        }
        if !socket.batch.hasRoom {
            flush(socket)
        }
        guard socket.queue.isEmpty, socket.batch.hasRoom else { return false }
        place(segment, on: occasion, for: purpose, into: socket)
        return true
    }

    /// Hands the kernel what waits in every socket's batch.
    mutating func flushAll() {
        let unflushed = unflushedSockets
        unflushedSockets.removeAll(keepingCapacity: true)
        for socket in unflushed {
            socket.isUnflushed = false
            flush(socket)
        }
    }

    /// Hands the kernel what waits in a socket's batch, until it is empty or the kernel takes no more.
    mutating func flush(_ socket: EngineSocket) {
        while socket.obstacle == nil {
            refill(socket)
            guard !socket.batch.isEmpty else { return }
            // Taken before the call, because a segment over loopback has arrived when it returns.
            let now = Clock.realtimeNanoseconds
            switch socket.batch.send(through: socket.raw.descriptor) {
            case .sent(let sent):
                keepSent(sent, of: socket, at: now)
                finishFirst(sent, of: socket)
            case .failed(let error):
                handleFailure(error, of: socket)
            }
        }
    }

    /// Tries a socket again whose transmit queue was full.
    mutating func retry(_ socket: EngineSocket) {
        guard socket.obstacle == .fullQueue else { return }
        socket.obstacle = nil
        flush(socket)
    }

    /// Takes the segments out of the queue that an endpoint's users wait for.
    mutating func cancelQueued(of endpoint: EndpointRuntime) {
        guard let socket = endpoint.socket else { return }
        for queued in socket.queue where queued.purpose.serial == endpoint.serial {
            end(queued.purpose, as: .cancelled)
        }
        socket.queue.removeAll { $0.purpose.serial == endpoint.serial }
    }

    /// Gives up what a socket that is about to close has not sent.
    mutating func abandon(_ socket: EngineSocket) {
        for place in socket.batch.waiting {
            end(socket.purposes[place], as: .cancelled)
        }
        for queued in socket.queue {
            end(queued.purpose, as: .cancelled)
        }
    }

    /// Counts a segment that did not leave, for its endpoint, for its transmission and in total.
    mutating func count(_ outcome: SendOutcome, error: Errno?, for purpose: EngineSocket.Purpose, mtu: Int? = nil) {
        handle.totals.countUnsent(outcome, error: error)
        if let endpoint = slots[purpose.slot], endpoint.serial == purpose.serial {
            endpoint.counters.countUnsent(outcome, error: error)
        }
        guard case .transmission(let number) = purpose.kind else { return }
        let now = Clock.realtimeNanoseconds
        handle.transmissions.update(number) { transmission in
            transmission.startedAt = transmission.startedAt ?? now
            transmission.outcomes[outcome, default: 0] += 1
            if transmission.firstError == nil {
                transmission.firstError = TransmissionRecord.Failure(outcome: outcome, error: error, mtu: mtu)
            }
            transmission.endIfDone(at: now)
        }
    }

    private func occasion(for endpoint: EndpointRuntime) -> PreparedSegment.Occasion {
        PreparedSegment.Occasion(
            source: endpoint.local, destination: endpoint.remote ?? TransportAddress(address: .any, port: 0))
    }

    private mutating func enqueueOrWait(
        _ segment: PreparedSegment, on occasion: PreparedSegment.Occasion, for purpose: EngineSocket.Purpose,
        through socket: EngineSocket
    ) {
        if !enqueue(segment, on: occasion, for: purpose, through: socket) {
            socket.queue.append(.init(segment: segment, occasion: occasion, purpose: purpose))
        }
    }

    /// Moves queued segments into the batch while it has room.
    private mutating func refill(_ socket: EngineSocket) {
        var moved = 0
        while moved < socket.queue.count, socket.batch.hasRoom {
            let queued = socket.queue[moved]
            place(queued.segment, on: queued.occasion, for: queued.purpose, into: socket)
            moved += 1
        }
        socket.queue.removeFirst(moved)
    }

    /// Writes a segment into a batch that has room.
    private mutating func place(
        _ segment: PreparedSegment, on occasion: PreparedSegment.Occasion, for purpose: EngineSocket.Purpose,
        into socket: EngineSocket
    ) {
        identification = identification == .max ? 1 : identification + 1
        let number = identification
        let destination = segment.destination(on: occasion)
        let place = socket.batch.append(length: segment.length, to: destination.rawValue) { output in
            segment.write(into: &output, on: occasion, identification: number)
        }
        socket.purposes[place] = purpose
        guard !socket.isUnflushed else { return }
        socket.isUnflushed = true
        unflushedSockets.append(socket)
    }

    /// Counts the first segments of the batch as sent and puts them into the ring.
    private mutating func keepSent(_ sent: Int, of socket: EngineSocket, at now: Int64) {
        let places = socket.batch.waiting.prefix(sent)
        record { engine, ring in
            for place in places {
                let purpose = socket.purposes[place]
                engine.handle.totals.countSent(octets: purpose.segmentLength)
                if case .reply = purpose.kind { engine.handle.totals.replies.add() }
                let record = CaptureRecord(
                    kind: .sent, endpoint: purpose.serial, slot: UInt32(purpose.slot), socket: socket.serial,
                    timestampNanoseconds: now)
                let number = engine.append(record, socket.batch.octets(at: place), to: &ring)
                guard let endpoint = engine.slots[purpose.slot], endpoint.serial == purpose.serial else { continue }
                endpoint.counters.countSent(octets: purpose.segmentLength)
                if case .reply = purpose.kind { endpoint.counters.replies.add() }
                endpoint.latestCapture = number
            }
        }
        for place in places {
            guard case .transmission(let number) = socket.purposes[place].kind else { continue }
            let octets = UInt64(socket.purposes[place].segmentLength)
            handle.transmissions.update(number) { transmission in
                transmission.startedAt = transmission.startedAt ?? now
                transmission.outcomes[.sent, default: 0] += 1
                transmission.octetsSent += octets
                transmission.endIfDone(at: now)
            }
        }
    }

    /// Decides what becomes of the first segment of the batch, which the kernel did not take.
    private mutating func handleFailure(_ error: Errno, of socket: EngineSocket) {
        let purpose = socket.purposes[socket.batch.waiting.lowerBound]
        switch error {
        case .wouldBlock:
            socket.obstacle = .fullBuffer
            watch(socket)
        case .noBufferSpace where socket.fullQueueRetries < Self.fullQueueRetryLimit:
            let milliseconds = min(1 << UInt64(socket.fullQueueRetries), 50 as UInt64)
            socket.fullQueueRetries += 1
            socket.obstacle = .fullQueue
            deadlines.insert(
                .retry(socket: socket.position, serial: socket.serial),
                at: Clock.monotonicNanoseconds &+ milliseconds * 1_000_000)
        case _ where !socket.wasRetried && error.mayBeStale:
            takeNetworkErrors(of: socket)
            socket.wasRetried = true
        default:
            var mtu: Int?
            if error == .messageTooLong {
                let octets = socket.batch.octets(at: socket.batch.waiting.lowerBound)
                mtu = LocalAddress.pathMTU(to: octets.bigEndianUInt32(at: 16))
            }
            count(error.outcome, error: error, for: purpose, mtu: mtu)
            finishFirst(1, of: socket)
        }
    }

    /// Takes segments off the front of the batch whose outcome is known.
    private func finishFirst(_ count: Int, of socket: EngineSocket) {
        socket.batch.removeFirst(count)
        socket.fullQueueRetries = 0
        socket.wasRetried = false
    }

    private func end(_ purpose: EngineSocket.Purpose, as state: TransmissionRecord.State) {
        guard case .transmission(let number) = purpose.kind else { return }
        handle.transmissions.update(number) { transmission in
            transmission.state = state
            transmission.endedAt = Clock.realtimeNanoseconds
        }
    }
}

extension TransmissionRecord {
    fileprivate mutating func endIfDone(at now: Int64) {
        guard attempted >= requested else {
            state = .sending
            return
        }
        state = .done
        endedAt = now
    }
}

import LinuxSystem
import TCPWire

extension SegmentEngine {
    private static let fullQueueRetryLimit = 10

    /// Puts a reply into a socket's batch, sending what is there to make room; `false` when there is none.
    mutating func enqueue(
        _ segment: PreparedSegment, on occasion: PreparedSegment.Occasion, for purpose: EngineSocket.Purpose,
        through socket: EngineSocket
    ) -> Bool {
        let destination = segment.destination(on: occasion)
        if destination != latestDestination {
            guard handle.configuration.policy.allows(destination) else {
                count(.blocked, error: nil, for: purpose)
                return true
            }
            latestDestination = destination
        }
        if !socket.batch.hasRoom {
            flush(socket)
        }
        guard socket.batch.hasRoom else { return false }
        let number = nextIdentification()
        let place = socket.batch.append(length: segment.length) { output in
            segment.write(into: &output, on: occasion, identification: number)
            return destination.rawValue
        }
        socket.purposes.append(purpose, count: 1)
        answerBudgets?.note(socket.batch.octets(at: place), budget: occasion.budget, at: Clock.monotonicNanoseconds)
        noteUnflushed(socket)
        return true
    }

    /// A number for a datagram that may be fragmented; never 0, which the kernel would replace.
    mutating func nextIdentification() -> UInt16 {
        identification = identification == .max ? 1 : identification + 1
        return identification
    }

    /// Remembers to send what is in a socket's batch.
    mutating func noteUnflushed(_ socket: EngineSocket) {
        guard !socket.isUnflushed else { return }
        socket.isUnflushed = true
        unflushedSockets.append(socket)
    }

    /// Hands the kernel what waits in every socket's batch.
    mutating func flushAll() {
        while let socket = unflushedSockets.popLast() {
            socket.isUnflushed = false
            flush(socket)
        }
    }

    /// Hands the kernel what waits in a socket's batch, until it is empty or the kernel takes no more.
    mutating func flush(_ socket: EngineSocket) {
        while socket.obstacle == nil, !socket.batch.isEmpty {
            // Taken before the call, because a segment over loopback has arrived when it returns.
            let now = Clock.realtimeNanoseconds
            switch socket.send() {
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

    /// Counts a segment that did not leave, for its endpoint, for its transmission and in total.
    mutating func count(_ outcome: SendOutcome, error: Errno?, for purpose: EngineSocket.Purpose, mtu: Int? = nil) {
        handle.totals.countUnsent(outcome, error: error)
        if let endpoint = slots[purpose.slot], endpoint.serial == purpose.serial {
            endpoint.counters.countUnsent(outcome, error: error)
        }
        noteEnd(
            of: purpose.kind, as: outcome, count: 1, octets: 0, at: Clock.realtimeNanoseconds,
            failure: TransmissionRecord.Failure(outcome: outcome, error: error, mtu: mtu))
    }

    /// Counts the first segments of the batch as sent and puts them into the ring.
    private mutating func keepSent(_ sent: Int, of socket: EngineSocket, at now: Int64) {
        var left = socket.batch.waiting.prefix(sent)
        while !left.isEmpty {
            var places = left
            if socket.purposes.isAnyRecorded(ofFirst: left.count) {
                places = left.prefix(CaptureLog.batchSize)
                record { engine, ring in engine.keep(places, of: socket, at: now, in: &ring) }
            }
            countSent(places.count, of: socket, at: now)
            left = left.dropFirst(places.count)
        }
    }

    /// Puts the first segments of the batch into the ring.
    private mutating func keep(_ places: Range<Int>, of socket: EngineSocket, at now: Int64, in ring: inout CaptureRing)
    {
        var left = places
        for position in socket.purposes.indices {
            let run = socket.purposes[position]
            if run.purpose.isRecorded {
                keep(left.prefix(run.count), of: socket, for: run.purpose, at: now, in: &ring)
            }
            left = left.dropFirst(run.count)
        }
    }

    /// Puts segments of the batch into the ring that were made for the same.
    private mutating func keep(
        _ places: Range<Int>, of socket: EngineSocket, for purpose: EngineSocket.Purpose, at now: Int64,
        in ring: inout CaptureRing
    ) {
        for place in places {
            let record = CaptureRecord(
                kind: .sent, endpoint: purpose.serial, slot: UInt32(purpose.slot), socket: socket.serial,
                timestampNanoseconds: now)
            let number = append(record, socket.batch.octets(at: place), to: &ring)
            guard slotStates[purpose.slot].endpoint == purpose.serial else { continue }
            slotStates[purpose.slot].latestCapture = number
        }
    }

    /// Counts the first segments of the batch, and forgets what they were made for.
    private mutating func countSent(_ count: Int, of socket: EngineSocket, at now: Int64) {
        var left = count
        while left > 0 {
            let run = socket.purposes.takeFirst(atMost: left)
            left -= run.count
            countSent(run.purpose, count: run.count, at: now)
        }
    }

    private mutating func countSent(_ purpose: EngineSocket.Purpose, count: Int, at now: Int64) {
        let octets = count * purpose.segmentLength
        let isReply = purpose.kind == .reply
        handle.totals.countSent(count, octets: octets, areReplies: isReply)
        if let endpoint = slots[purpose.slot], endpoint.serial == purpose.serial {
            endpoint.counters.countSent(count, octets: octets, areReplies: isReply)
        }
        noteEnd(of: purpose.kind, as: .sent, count: count, octets: octets, at: now)
    }

    /// Decides what becomes of the first segment of the batch, which the kernel did not take.
    private mutating func handleFailure(_ error: Errno, of socket: EngineSocket) {
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
            if error == .messageTooLong, networks[socket.network].room == nil {
                let octets = socket.batch.octets(at: socket.batch.waiting.lowerBound)
                mtu = LocalAddress.pathMTU(to: octets.bigEndianUInt32(at: 16))
            } else if error == .messageTooLong {
                // This thread sees the routes of its own namespace only, but the socket was told.
                mtu = takeNetworkErrors(of: socket)
            }
            let run = socket.purposes.takeFirst(atMost: 1)
            count(error.outcome, error: error, for: run.purpose, mtu: mtu)
            finishFirst(1, of: socket)
        }
    }

    /// Takes segments off the front of the batch whose outcome is known.
    private func finishFirst(_ count: Int, of socket: EngineSocket) {
        socket.batch.removeFirst(count)
        socket.fullQueueRetries = 0
        socket.wasRetried = false
    }
}

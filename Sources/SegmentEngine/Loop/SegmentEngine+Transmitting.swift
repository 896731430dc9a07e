import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// How often readers are told how far a transmission has come, while it goes on.
    private static let publishNanoseconds: UInt64 = 10_000_000
    /// How often that is kept for those who come after an end that nobody foresaw.
    private static let keepNanoseconds: UInt64 = 1_000_000_000
    /// More datagrams than are read at a time leave together only up to so many octets, which fit into the usual buffer.
    private static let smallBatchOctets = 65_536
    /// The receive buffer that Linux gives where nothing is said.
    private static let usualReceiveBufferOctets = 212_992

    /// Begins to send a user's segments.
    mutating func send(
        _ plan: TransmissionPlan, from id: String, waitNanoseconds: UInt64?,
        _ completion: @escaping EngineCommand.Completion<TransmissionRecord>
    ) throws(EngineError.Located) {
        guard let endpoint = endpointsByID[id] else { throw .init(.unknownEndpoint(id: id)) }
        guard let socket = endpoint.socket else { throw .init(.endpointStopped(id: id)) }
        let limit = handle.configuration.maximumTransmissions
        guard transmissions.count < limit else { throw .init(.tooManyTransmissions(limit: limit)) }
        let octets = plan.heldOctets
        do throws(EngineError) {
            try checkQueue(for: octets)
        } catch {
            throw .init(error)
        }
        try LinkBroadcast.check(plan, of: endpoint.definition)
        var steps: [PreparedStep] = []
        for (position, step) in plan.steps.enumerated() {
            do throws(EngineError.Located) {
                try handle.configuration.policy.check(step, from: endpoint.local.address, to: endpoint.remote)
                steps.append(try prepared(step, for: endpoint))
            } catch {
                throw .init(error.error, index: position, variation: error.variation)
            }
        }
        let record = handle.transmissions.begin(
            endpoint: id, requested: plan.segmentCount ?? .max, replay: plan.replay
        ) { number in
            keep(.transmissionForgotten(number))
        }
        let transmission = begin(steps, of: endpoint, through: socket, record: record)
        transmission.heldOctets = octets
        queuedOctets += octets
        transmission.keptAt = Clock.monotonicNanoseconds
        keep(.transmission(record))
        guard let waitNanoseconds else {
            let directory = handle.transmissions
            pendingAnswers.append(
                .ready { completion(.success(directory.transmission(record.number) ?? record)) })
            return
        }
        wait(for: transmission, nanoseconds: waitNanoseconds, completion)
    }

    /// Answers when a transmission has ended, or so many nanoseconds have passed; at once when it is not under way.
    mutating func awaitEnd(
        of number: UInt64, nanoseconds: UInt64, _ completion: @escaping EngineCommand.Completion<TransmissionRecord>
    ) throws(EngineError.Located) {
        if let transmission = transmissions.values.first(where: { $0.record?.number == number }) {
            wait(for: transmission, nanoseconds: nanoseconds, completion)
            return
        }
        guard let record = handle.transmissions.transmission(number) else {
            throw .init(.unknownTransmission(number: number))
        }
        completion(.success(record))
    }

    /// Sends what an endpoint begins with.
    mutating func sendOpening(of endpoint: EndpointRuntime) {
        guard let socket = endpoint.socket, !endpoint.opening.isEmpty else { return }
        _ = begin(endpoint.opening, of: endpoint, through: socket, record: nil)
    }

    /// Sends no more of a transmission; `nil` when it is not known.
    mutating func cancel(_ number: UInt64) -> TransmissionRecord? {
        if let transmission = transmissions.values.first(where: { $0.record?.number == number }) {
            cancel(transmission)
        }
        return handle.transmissions.transmission(number)
    }

    /// Sends no more of an endpoint's transmissions.
    mutating func cancelTransmissions(of endpoint: EndpointRuntime) {
        for transmission in transmissions.values where transmission.endpoint === endpoint {
            cancel(transmission)
        }
    }

    /// Lets transmissions fill a batch for each socket, in turns.
    mutating func transmit() {
        guard !transmittingSockets.isEmpty else { return }
        // While something waits to be read, no more than are read, or an endpoint that sends to another of ours would
        // overrun it. Where many sockets send, fewer each, so that a turn stays short.
        let most =
            readySockets.isEmpty
            ? max(EngineSocket.sendBatchSize / transmittingSockets.count, EngineSocket.readBatchSize)
            : EngineSocket.readBatchSize
        for socket in transmittingSockets where socket.obstacle == nil {
            let isRoomy = socket.raw.receiveBufferOctets >= Self.usualReceiveBufferOctets
            fillBatch(of: socket, to: isRoomy ? most : EngineSocket.readBatchSize)
            flush(socket)
        }
        transmittingSockets.removeAll { socket in
            guard socket.runnable.isEmpty else { return false }
            socket.isTransmitting = false
            return true
        }
        flushAll()
    }

    /// Sets deadlines for those who began to wait in this turn, and have not been answered in it.
    mutating func setWaitDeadlines() {
        guard !newWaiters.isEmpty else { return }
        for (key, deadline) in newWaiters {
            guard let transmission = transmissions[key] else { continue }
            transmission.hasWaitDeadline = true
            deadlines.insert(.waiter(key: key), at: deadline)
        }
        newWaiters.removeAll(keepingCapacity: true)
    }

    /// Lets a paced transmission send what is due now.
    mutating func resume(transmission key: UInt64) {
        guard let transmission = transmissions[key], !transmission.isExhausted else { return }
        makeRunnable(transmission)
    }

    /// Answers whoever has waited long enough for a transmission with how far it has come.
    mutating func giveUpWaiting(forTransmission key: UInt64) {
        guard let transmission = transmissions[key] else { return }
        publish(transmission)
        answerWaiters(of: transmission, dueAt: Clock.monotonicNanoseconds)
    }

    /// Counts segments whose outcome is known for their transmission, and ends it after the last.
    mutating func noteEnd(
        of kind: EngineSocket.Purpose.Kind, as outcome: SendOutcome, count: Int, octets: Int, at now: Int64,
        failure: TransmissionRecord.Failure? = nil
    ) {
        guard case .transmission(let key) = kind, let transmission = transmissions[key] else { return }
        transmission.underWay -= count
        // Where it is, because a copy of it would cost as much as all else that is counted here.
        transmission.record?.noteEnd(as: outcome, count: count, octets: octets, at: now, failure: failure)
        if transmission.isExhausted, transmission.underWay == 0 {
            end(transmission)
        } else {
            publishSometimes(transmission)
        }
    }

    /// Refuses segments of so many octets when those under way leave no room for them.
    func checkQueue(for octets: Int) throws(EngineError) {
        let limit = handle.configuration.maximumQueuedOctets
        guard octets <= limit else { throw .segmentsTooLarge(octets, limit: limit) }
        guard queuedOctets + octets <= limit else { throw .queueFull(limit: limit) }
    }

    private mutating func wait(
        for transmission: TransmissionRuntime, nanoseconds: UInt64,
        _ completion: @escaping EngineCommand.Completion<TransmissionRecord>
    ) {
        let now = Clock.monotonicNanoseconds
        let deadline = now &+ min(nanoseconds, .max - now)
        transmission.waiters.append((deadline: deadline, completion: completion))
        newWaiters.append((key: transmission.key, deadline: deadline))
    }

    mutating func begin(
        _ steps: [PreparedStep], of endpoint: EndpointRuntime, through socket: EngineSocket, record: TransmissionRecord?
    ) -> TransmissionRuntime {
        let transmission = TransmissionRuntime(
            key: nextTransmissionKey, endpoint: endpoint, socket: socket, steps: steps, record: record)
        nextTransmissionKey += 1
        transmissions[transmission.key] = transmission
        makeRunnable(transmission)
        return transmission
    }

    mutating func prepared(
        _ step: TransmissionPlan.Step, for endpoint: EndpointRuntime
    ) throws(EngineError.Located) -> PreparedStep {
        do throws(WireError) {
            return try PreparedStep(
                step, on: endpoint.definition.occasion, identification: nextIdentification())
        } catch {
            throw .init(.segmentImpossible(error))
        }
    }

    mutating func makeRunnable(_ transmission: TransmissionRuntime) {
        let socket = transmission.socket
        socket.runnable.append(transmission)
        guard !socket.isTransmitting else { return }
        socket.isTransmitting = true
        transmittingSockets.append(socket)
    }

    /// Fills a socket's batch up to a number of datagrams from its transmissions: the first one as far as it goes, and
    /// the next ones where it had no more to give.
    ///
    /// One that has more to give goes to the end, and one that finds no room stays where it is, so that each has every
    /// batch in its turn.
    private mutating func fillBatch(of socket: EngineSocket, to limit: Int) {
        let now = Clock.monotonicNanoseconds
        for _ in socket.runnable.indices {
            guard let first = socket.runnable.first, room(for: first.current, in: socket, to: limit) > 0 else { return }
            let transmission = socket.runnable.removeFirst()
            let underWay = transmission.underWay
            let shut = fillBatch(from: transmission, to: limit, at: now)
            guard !transmission.isExhausted else { continue }
            if let shut {
                wait(transmission, at: shut, gotNothing: transmission.underWay == underWay)
            } else if transmission.allowance(at: now) > 0 {
                socket.runnable.append(transmission)
                return
            } else {
                deadlines.insert(.transmission(key: transmission.key), at: transmission.nextDeadline)
            }
        }
    }

    /// Puts segments of a transmission into its socket's batch; answers what keeps it from more, if that is a bound on
    /// segments in a second.
    private mutating func fillBatch(
        from transmission: TransmissionRuntime, to limit: Int, at now: UInt64
    ) -> RateGate? {
        let socket = transmission.socket
        while !transmission.isExhausted {
            let step = transmission.current
            let allowance = transmission.allowance(at: now)
            let room = room(for: step, in: socket, to: limit)
            guard allowance > 0, room > 0 else { return nil }
            var count = Int(min(allowance, UInt64(room)))
            if isRateLimited {
                let granted = grant(count, to: transmission.endpoint, at: now)
                if let shut = granted.shut { return shut }
                count = granted.count
            }
            var purpose = EngineSocket.Purpose(
                kind: .transmission(transmission.key), slot: transmission.endpoint.slot,
                serial: transmission.endpoint.serial, segmentLength: step.segmentLength)
            let run = transmission.take(count, at: now)
            // The same octets again and again need to be there once.
            socket.batch.append(count: run.count, areAlike: step.isConstant, length: step.length) {
                output in
                step.write(into: &output, from: run.number)
            }
            purpose.isRecorded = true
            socket.purposes.append(purpose, count: run.recorded)
            purpose.isRecorded = false
            socket.purposes.append(purpose, count: run.count - run.recorded)
        }
        return nil
    }

    /// How many more datagrams of a step a socket's batch takes in this turn: of small ones up to a limit, of large ones
    /// as many as are read at a time.
    private func room(for step: PreparedStep, in socket: EngineSocket, to limit: Int) -> Int {
        let most = max(min(limit, Self.smallBatchOctets / step.length), EngineSocket.readBatchSize)
        return min(socket.batch.room(forLength: step.length), most - socket.batch.waiting.count)
    }

    mutating func cancel(_ transmission: TransmissionRuntime) {
        transmission.cancel()
        leaveGates(transmission)
        transmission.socket.runnable.removeAll { $0 === transmission }
        // What the socket could not send yet would leave later, and nobody would count it.
        transmission.socket.withdraw { $0.kind == .transmission(transmission.key) }
        transmission.record?.state = .cancelled
        if transmission.record?.startedAt != nil {
            transmission.record?.endedAt = Clock.realtimeNanoseconds
        }
        end(transmission)
    }

    private mutating func end(_ transmission: TransmissionRuntime) {
        transmissions[transmission.key] = nil
        queuedOctets -= transmission.heldOctets
        if transmission.hasWaitDeadline {
            deadlines.removeAll { deadline in
                if case .waiter(transmission.key) = deadline { true } else { false }
            }
        }
        if transmission.record?.hasEnded == false {
            transmission.record?.state = .done
        }
        publish(transmission)
        keep(transmission)
        answerWaiters(of: transmission, dueAt: .max)
        if let run = transmission.run { noteSent(transmission, for: run) }
    }

    private mutating func answerWaiters(of transmission: TransmissionRuntime, dueAt now: UInt64) {
        guard let record = transmission.record else { return }
        for waiter in transmission.waiters where waiter.deadline <= now {
            pendingAnswers.append(.ready { waiter.completion(.success(record)) })
        }
        transmission.waiters.removeAll { $0.deadline <= now }
    }

    private mutating func publishSometimes(_ transmission: TransmissionRuntime) {
        guard transmission.record != nil else { return }
        let now = Clock.monotonicNanoseconds
        guard now &- transmission.publishedAt >= Self.publishNanoseconds else { return }
        transmission.publishedAt = now
        publish(transmission)
        guard now &- transmission.keptAt >= Self.keepNanoseconds else { return }
        transmission.keptAt = now
        keep(transmission)
    }

    /// Keeps how far a transmission has come, unless it is part of a run.
    private mutating func keep(_ transmission: TransmissionRuntime) {
        guard let record = transmission.record, record.number != 0 else { return }
        keep(.transmission(record))
    }

    private func publish(_ transmission: TransmissionRuntime) {
        transmission.record?.lateness = transmission.latenessSummary
        guard let record = transmission.record else { return }
        handle.transmissions.publish(record)
    }
}

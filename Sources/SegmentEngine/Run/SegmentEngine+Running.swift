import LinuxSystem

extension SegmentEngine {
    /// Begins a run, or queues it behind those that have its endpoints.
    mutating func run(
        _ plan: RunPlan, waitNanoseconds: UInt64?, _ completion: @escaping EngineCommand.Completion<RunRecord>
    ) throws(EngineError.Located) {
        let limit = handle.configuration.maximumRuns
        guard runs.count < limit else { throw .init(.tooManyRuns(limit: limit)) }
        let octets = plan.heldOctets
        do throws(EngineError) {
            try checkQueue(for: octets)
        } catch {
            throw .init(error)
        }
        var endpoints: [RunEndpoint] = []
        for (place, id) in plan.endpoints.enumerated() {
            let step = plan.steps.firstIndex { $0.endpoint == place }
            guard let endpoint = endpointsByID[id] else { throw .init(.unknownEndpoint(id: id), step: step) }
            guard endpoint.isRunning else { throw .init(.endpointStopped(id: id), step: step) }
            endpoints.append(RunEndpoint(endpoint))
        }
        try checkSends(of: plan, endpoints)

        let run = RunRuntime(
            plan, endpoints: endpoints, record: handle.runs.begin(plan, createdAt: Clock.realtimeNanoseconds))
        runs.append(run)
        queuedOctets += octets
        keep(.run(run.record))
        mayBeginRuns = true
        if let waitNanoseconds {
            wait(for: run, nanoseconds: waitNanoseconds, completion)
        } else {
            pendingAnswers.append(.ready { completion(.success(run.record)) })
        }
    }

    /// Answers when a run has ended, or has been waited for long enough.
    mutating func awaitRun(
        _ number: UInt64, nanoseconds: UInt64, _ completion: @escaping EngineCommand.Completion<RunRecord>
    ) throws(EngineError) {
        if let run = liveRun(number) {
            wait(for: run, nanoseconds: nanoseconds, completion)
            return
        }
        guard let record = handle.runs.run(number) else { throw .unknownRun(number: number) }
        completion(.success(record))
    }

    /// Cancels a run, and answers with it; removes one that has ended.
    mutating func endRun(_ number: UInt64) throws(EngineError) -> RunRecord? {
        if let run = liveRun(number) {
            cancel(run)
            return run.record
        }
        guard handle.runs.run(number) != nil else { throw .unknownRun(number: number) }
        handle.runs.remove(number)
        keep(.runRemoved(number))
        return nil
    }

    mutating func cancelRuns() {
        for run in runs { cancel(run) }
    }

    /// Ends the runs that need an endpoint which is about to stop.
    mutating func endRuns(of endpoint: EndpointRuntime) {
        guard !runs.isEmpty else { return }
        for run in runs where run.endpoints.contains(where: { $0.endpoint === endpoint }) {
            fail(run, because: .endpointStopped(id: endpoint.id))
        }
    }

    /// Begins the runs whose endpoints are free, those that came first before the others.
    mutating func beginRuns() {
        mayBeginRuns = false
        var taken: Set<UInt32> = []
        for run in runs {
            if case .queued = run.phase, run.endpoints.allSatisfy({ !taken.contains($0.endpoint.serial) }) {
                begin(run)
            }
            for endpoint in run.endpoints { taken.insert(endpoint.endpoint.serial) }
        }
    }

    /// Meets what is due at `now` for runs and those who wait for them.
    mutating func meetRunDeadlines(at now: UInt64) {
        while let due = runDeadlines.popDue(at: now) {
            guard let run = liveRun(due.run) else { continue }
            switch due {
            case .step: meetStepDeadline(of: run)
            case .waiter(_, let id):
                guard let place = run.waiters.firstIndex(where: { $0.id == id }) else { continue }
                let waiter = run.waiters.remove(at: place)
                pendingAnswers.append(.ready { waiter.completion(.success(run.record)) })
            }
        }
    }

    /// Ends a run, tells who waits for it, and makes room for others.
    mutating func end(_ run: RunRuntime, _ state: RunRecord.State) {
        run.phase = .over
        run.record.state = state
        run.record.endedAt = Clock.realtimeNanoseconds
        for index in run.record.steps.indices
        where run.record.steps[index].state == .pending || run.record.steps[index].state == .running {
            run.record.steps[index].state = .skipped
        }
        noteLosses(of: run)
        for endpoint in run.endpoints {
            let slot = endpoint.endpoint.slot
            guard watchedSlots[slot]?.run === run else { continue }
            watchedSlots[slot] = nil
            slotStates[slot].isWatched = false
            if watchedAddresses[endpoint.place] === endpoint { watchedAddresses[endpoint.place] = nil }
        }
        if let transmission = run.transmission {
            transmission.run = nil
            run.transmission = nil
            cancel(transmission)
        }
        let place = runs.partitioningIndex { $0.number >= run.number }
        if place < runs.count, runs[place] === run {
            runs.remove(at: place)
            queuedOctets -= run.plan.heldOctets
        }
        if run.hasDeadline || !run.waiters.isEmpty {
            runDeadlines.removeAll { $0.run == run.number }
        }
        mayBeginRuns = true
        let record = run.record
        keep(.run(record))
        for number in handle.runs.publish(record) { keep(.runRemoved(number)) }
        for waiter in run.waiters {
            pendingAnswers.append(.ready { waiter.completion(.success(record)) })
        }
        run.waiters = []
    }

    private func liveRun(_ number: UInt64) -> RunRuntime? {
        let place = runs.partitioningIndex { $0.number >= number }
        guard place < runs.count, runs[place].number == number else { return nil }
        return runs[place]
    }

    private mutating func cancel(_ run: RunRuntime) {
        run.record.reason = .cancelled
        end(run, .cancelled)
    }

    private mutating func wait(
        for run: RunRuntime, nanoseconds: UInt64, _ completion: @escaping EngineCommand.Completion<RunRecord>
    ) {
        run.nextWaiter += 1
        run.waiters.append(RunRuntime.Waiter(id: run.nextWaiter, completion: completion))
        let now = Clock.monotonicNanoseconds
        runDeadlines.insert(
            .waiter(run: run.number, id: run.nextWaiter), at: now &+ min(nanoseconds, .max - now))
    }

    /// Refuses a run of which something could never be sent.
    private mutating func checkSends(
        of plan: RunPlan, _ endpoints: [RunEndpoint]
    ) throws(EngineError.Located) {
        for (number, step) in plan.steps.enumerated() {
            guard case .send(let sent, let place) = step else { continue }
            let endpoint = endpoints[place].endpoint
            // Where it has no remote, it answers whoever sent what was expected before.
            let isAnswer = endpoint.remote == nil && plan.expectation(before: number, at: place) != nil
            do throws(EngineError.Located) {
                try LinkBroadcast.check(sent, of: endpoint.definition)
            } catch {
                throw .init(error.error, index: error.index, step: number)
            }
            for (position, each) in sent.steps.enumerated() {
                do throws(EngineError.Located) {
                    if isAnswer, each.template.ip.destination == nil || each.template.destinationPort == nil {
                        try checkSource(of: each.template, from: endpoint)
                    } else {
                        try handle.configuration.policy.check(
                            each, from: endpoint.local.address, to: endpoint.remote)
                    }
                    _ = try prepared(each, for: endpoint)
                } catch {
                    throw .init(error.error, index: position, variation: error.variation, step: number)
                }
            }
        }
    }

    private mutating func begin(_ run: RunRuntime) {
        var emptied: [RunEndpoint] = []
        for (place, endpoint) in run.endpoints.enumerated() {
            // What came before, and was lost before, is none of the run's.
            if let socket = endpoint.endpoint.socket, drain(socket) { emptied.append(endpoint) }
            endpoint.dropsAtStart = endpoint.drops
            watchedSlots[endpoint.endpoint.slot] = (run: run, place: place)
            watchedAddresses[endpoint.place] = endpoint
            slotStates[endpoint.endpoint.slot].isWatched = true
        }
        run.phase = .beginning
        run.record.state = .running
        run.record.startedAt = Clock.realtimeNanoseconds
        run.startedAt = Clock.monotonicNanoseconds
        for endpoint in emptied { endpoint.endpoint.socket?.emptyAt = run.startedAt }
        run.stepStart = run.startedAt
        list(run)
    }

    /// Refuses a segment that lies about where it is from; where it goes to is not known yet.
    private func checkSource(
        of template: SegmentTemplate, from endpoint: EndpointRuntime
    ) throws(EngineError.Located) {
        do throws(EngineError) {
            try handle.configuration.policy.check(template.ip, of: endpoint.local.address)
        } catch {
            throw .init(error)
        }
    }
}

import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// How often those runs go on in one turn that were waiting for each other, or for what they sent.
    private static let roundLimit = 8

    /// Remembers that a run may have something to do.
    mutating func list(_ run: RunRuntime) {
        guard !run.isListed else { return }
        run.isListed = true
        runsToAdvance.append(run)
    }

    /// Lets runs do what they can: what they send leaves in this turn.
    mutating func advanceRuns() {
        guard !runsToAdvance.isEmpty || mayBeginRuns else { return }
        for _ in 0..<Self.roundLimit {
            if mayBeginRuns { beginRuns() }
            guard !runsToAdvance.isEmpty else { return }
            let listed = runsToAdvance
            runsToAdvance.removeAll(keepingCapacity: true)
            for run in listed {
                run.isListed = false
                advance(run)
            }
            transmit()
        }
    }

    /// Notes what has become of what a run sent.
    mutating func noteSent(_ transmission: TransmissionRuntime, for run: RunRuntime) {
        transmission.run = nil
        run.transmission = nil
        run.sent = transmission.record
        list(run)
    }

    /// Reads what has come before the present step's time was up, and then lets it end.
    mutating func meetStepDeadline(of run: RunRuntime) {
        run.hasDeadline = false
        guard case .waiting(let deadline) = run.phase else { return }
        let step = run.plan.steps[run.step]
        if let place = step.endpoint, let socket = run.endpoints[place].endpoint.socket, !drain(socket) {
            setDeadline(of: run, at: deadline)
            return
        }
        run.isDue = true
        list(run)
    }

    /// Ends a run that cannot go on.
    mutating func fail(_ run: RunRuntime, because reason: RunRecord.Reason) {
        if run.record.steps.indices.contains(run.step) {
            run.record.steps[run.step].reason = reason
            decide(run, .failed)
        }
        finish(run)
    }

    private mutating func advance(_ run: RunRuntime) {
        while run.isRunning {
            guard run.step < run.plan.steps.count else { return finish(run) }
            if run.isBeginning {
                run.mark()
                run.record.steps[run.step].state = .running
            }
            let hasEnded =
                switch run.plan.steps[run.step] {
                case .send(let plan, let place): send(plan, of: run, from: place)
                case .expect(let expectation): expect(expectation, in: run)
                case .expectNone(let expectation): expectNone(expectation, in: run)
                case .pause(let nanoseconds): pause(nanoseconds, in: run)
                }
            guard hasEnded else { return rest(run) }
        }
    }

    /// Shows readers a run that has nothing to do for now.
    private func rest(_ run: RunRuntime) {
        guard run.isRunning else { return }
        handle.runs.publish(run.record)
    }

    private mutating func pause(_ nanoseconds: UInt64, in run: RunRuntime) -> Bool {
        if run.isBeginning { wait(nanoseconds, in: run) }
        guard run.isDue else { return false }
        if isOutOfTime(run) {
            fail(run, because: .timeIsUp)
            return false
        }
        return pass(run)
    }

    private mutating func send(_ plan: TransmissionPlan, of run: RunRuntime, from place: Int) -> Bool {
        guard !run.isBeginning else { return begin(plan, of: run, from: place) }
        if run.isDue {
            fail(run, because: .timeIsUp)
            return false
        }
        guard let sent = run.sent else { return false }
        run.sent = nil
        run.record.steps[run.step].outcomes = sent.outcomes
        let unsent = sent.attempted - sent.sent
        guard unsent == 0, sent.state == .done else {
            fail(run, because: .notSent(count: max(unsent, sent.requested - sent.sent), sent.firstError))
            return false
        }
        return pass(run)
    }

    private mutating func begin(_ plan: TransmissionPlan, of run: RunRuntime, from place: Int) -> Bool {
        let endpoint = run.endpoints[place]
        guard let socket = endpoint.endpoint.socket else {
            fail(run, because: .endpointStopped(id: endpoint.endpoint.id))
            return false
        }
        let peer = endpoint.endpoint.remote ?? endpoint.peer
        var steps: [PreparedStep] = []
        for step in plan.steps {
            var step = step
            step.template = step.template.resolved(run.number)
            do throws(EngineError.Located) {
                steps.append(try prepared(step, for: endpoint.endpoint, peer: peer))
            } catch {
                fail(run, because: .refused(error.error))
                return false
            }
            endpoint.note(sent: step.template)
        }
        let requested = plan.segmentCount ?? .max
        let transmission = begin(
            steps, of: endpoint.endpoint, through: socket,
            record: TransmissionRecord(number: 0, endpoint: endpoint.endpoint.id, requested: requested))
        transmission.run = run
        run.transmission = transmission
        wait(RunPlan.maximumNanoseconds, in: run)
        return false
    }

    /// Encodes what a step sends, if it may go where it would go to.
    private mutating func prepared(
        _ step: TransmissionPlan.Step, for endpoint: EndpointRuntime, peer: TransportAddress?
    ) throws(EngineError.Located) -> PreparedStep {
        try handle.configuration.policy.check(step, from: endpoint.local.address, to: peer)
        let nobody = TransportAddress(address: .any, port: 0)
        let occasion = PreparedSegment.Occasion(source: endpoint.local, destination: peer ?? nobody)
        do throws(WireError) {
            return try PreparedStep(step, on: occasion, identification: nextIdentification())
        } catch {
            throw .init(.segmentImpossible(error))
        }
    }

    private mutating func expect(_ expectation: RunPlan.Expectation, in run: RunRuntime) -> Bool {
        if run.isBeginning {
            run.open(expectation)
            wait(expectation.nanoseconds, in: run)
        }
        if let entry = findExpected(in: run) {
            take(entry, for: expectation, in: run)
            return pass(run)
        }
        guard run.isDue else { return false }
        let lost = losses(in: run, at: expectation.endpoint)
        run.record.steps[run.step].nearMisses = nearMisses(of: expectation, in: run)
        guard lost.kernel == 0, lost.ring == 0 else {
            run.record.steps[run.step].reason = .lost(kernel: lost.kernel, ring: lost.ring)
            decide(run, .inconclusive)
            finish(run)
            return false
        }
        fail(run, because: isOutOfTime(run) ? .timeIsUp : .notReceived(within: expectation.nanoseconds))
        return false
    }

    private mutating func expectNone(_ expectation: RunPlan.Expectation, in run: RunRuntime) -> Bool {
        if run.isBeginning {
            run.open(expectation)
            wait(expectation.nanoseconds, in: run)
        }
        if let entry = findExpected(in: run) {
            run.record.steps[run.step].segment = runSegment(entry, in: run)
            run.record.steps[run.step].nearMisses = kernelResets(against: run.expectation, at: expectation, in: run)
            let after = entry.arrivedAt > run.stepStart ? entry.arrivedAt - run.stepStart : 0
            fail(run, because: .received(after: after))
            return false
        }
        guard run.isDue else { return false }
        if isOutOfTime(run) {
            fail(run, because: .timeIsUp)
            return false
        }
        let lost = losses(in: run, at: expectation.endpoint)
        guard lost.kernel == 0, lost.ring == 0 else {
            run.record.steps[run.step].reason = .lost(kernel: lost.kernel, ring: lost.ring)
            decide(run, .inconclusive)
            return goOn(run)
        }
        return pass(run)
    }

    /// Sets the present step's deadline, that much after the end of the step before.
    private mutating func wait(_ nanoseconds: UInt64, in run: RunRuntime) {
        let deadline = min(run.stepStart &+ nanoseconds, run.latestEnd)
        run.phase = .waiting(until: deadline)
        setDeadline(of: run, at: deadline)
    }

    private mutating func setDeadline(of run: RunRuntime, at deadline: UInt64) {
        run.hasDeadline = true
        runDeadlines.insert(.step(run: run.number), at: deadline)
    }

    private func isOutOfTime(_ run: RunRuntime) -> Bool {
        if case .waiting(run.latestEnd) = run.phase { true } else { false }
    }

    private mutating func pass(_ run: RunRuntime) -> Bool {
        decide(run, .passed)
        return goOn(run)
    }

    /// Notes how the present step ended, and when.
    private func decide(_ run: RunRuntime, _ state: RunRecord.Step.State) {
        let now = Clock.monotonicNanoseconds
        run.record.steps[run.step].state = state
        run.record.steps[run.step].at = Clock.realtimeNanoseconds
        if case .queued = run.phase { return }
        run.record.steps[run.step].tookNanoseconds = now &- run.stepStart
        run.stepStart = now
    }

    /// Goes on to the next step.
    private mutating func goOn(_ run: RunRuntime) -> Bool {
        if run.hasDeadline {
            run.hasDeadline = false
            let number = run.number
            runDeadlines.removeAll { deadline in
                if case .step(run: number) = deadline { true } else { false }
            }
        }
        run.isDue = false
        run.step += 1
        run.phase = .beginning
        return true
    }

    private mutating func finish(_ run: RunRuntime) {
        let states = run.record.steps.map(\.state)
        if states.contains(.failed) {
            run.record.verdict = .unsatisfied
        } else {
            run.record.verdict = states.contains(.inconclusive) ? .inconclusive : .satisfied
        }
        run.record.reason = run.record.steps.first { $0.state == .failed || $0.state == .inconclusive }?.reason
        end(run, .done)
    }
}

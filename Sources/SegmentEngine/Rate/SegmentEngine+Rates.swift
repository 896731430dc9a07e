import LinuxSystem

/// Bounds on segments in a second delay what is sent; what the bound on waiting answers leaves out is counted.
extension SegmentEngine {
    /// How long an answer waits at least before it asks again.
    private static let retryNanoseconds: UInt64 = 1_000_000

    /// Takes leave for so many segments of an endpoint, or for fewer; for none, where a gate is shut, which is answered.
    mutating func grant(_ most: Int, to endpoint: EndpointRuntime, at now: UInt64) -> (count: Int, shut: RateGate?) {
        var count = most
        for gate in gates(of: endpoint) {
            count = min(count, gate.bucket.available(at: now))
            if count == 0 { return (count: 0, shut: gate) }
        }
        for gate in gates(of: endpoint) {
            gate.bucket.take(count)
            gate.noteServed()
        }
        return (count: count, shut: nil)
    }

    /// Lets a transmission wait until a gate is open again.
    mutating func wait(_ transmission: TransmissionRuntime, at gate: RateGate, gotNothing: Bool) {
        gate.append(transmission, gotNothing: gotNothing)
        guard !gate.isScheduled else { return }
        gate.isScheduled = true
        let endpoint = transmission.endpoint
        deadlines.insert(
            gate === rateGate ? .rate : .endpointRate(slot: endpoint.slot, serial: endpoint.serial),
            at: gate.bucket.nextDeadline)
    }

    /// Lets go who waits at a gate.
    mutating func open(_ gate: RateGate?) {
        guard let gate else { return }
        gate.isScheduled = false
        for transmission in gate.takeWaiting() where !transmission.isExhausted {
            makeRunnable(transmission)
        }
    }

    /// Whether an endpoint may answer at `now`.
    mutating func mayAnswer(_ endpoint: EndpointRuntime, at now: UInt64) -> Bool {
        !isRateLimited || gates(of: endpoint).allSatisfy { !$0.isOwed && $0.bucket.available(at: now) > 0 }
    }

    /// Counts an endpoint's answers; those of one rule leave together, and what is too much is saved up afterwards.
    mutating func noteAnswers(_ count: Int, of endpoint: EndpointRuntime) {
        guard isRateLimited else { return }
        for gate in gates(of: endpoint) { gate.bucket.take(count) }
    }

    /// When an endpoint that may not answer, or has no room to, asks again.
    func retryDeadline(of endpoint: EndpointRuntime, at now: UInt64) -> UInt64 {
        let soon = now &+ Self.retryNanoseconds
        guard isRateLimited else { return soon }
        return gates(of: endpoint).reduce(soon) { max($0, $1.bucket.nextDeadline) }
    }

    /// Forgets at its gates a transmission that sends no more.
    mutating func leaveGates(_ transmission: TransmissionRuntime) {
        guard isRateLimited else { return }
        for gate in gates(of: transmission.endpoint) { gate.remove(transmission) }
    }

    private func gates(of endpoint: EndpointRuntime) -> [RateGate] {
        [rateGate, endpoint.rateGate].compactMap(\.self)
    }
}

import LinuxSystem
import SegmentEngine
import TCPWire

extension Bench {
    /// Runs a scenario, and answers with it when it has ended.
    func run(_ steps: [RunPlan.Step], at endpoints: [String]) async throws(EngineError) -> RunRecord {
        let plan = RunPlan(name: nil, endpoints: endpoints, steps: steps)
        return try await ask { .run(plan, waitNanoseconds: 60_000_000_000, $0) }
    }

    /// Begins a scenario, or queues it.
    func beginRun(_ steps: [RunPlan.Step], at endpoints: [String]) async throws(EngineError) -> RunRecord {
        let plan = RunPlan(name: nil, endpoints: endpoints, steps: steps)
        return try await ask { .run(plan, waitNanoseconds: nil, $0) }
    }

    /// A scenario when it has ended.
    func end(of run: RunRecord) async throws(EngineError) -> RunRecord {
        try await ask { .awaitRun(run.number, nanoseconds: 60_000_000_000, $0) }
    }

    /// Two endpoints without rules: `a` on 49,000 and `b` on 49,001, each the other's remote.
    func createPair(change: (inout EndpointDefinition) -> Void = { _ in }) async throws(EngineError) {
        try await create(.quiet("a", port: 49_000, remote: 49_001, change: change))
        try await create(.quiet("b", port: 49_001, remote: 49_000, change: change))
    }
}

extension RunPlan.Step {
    /// Segments numbered from `first` on, so many.
    static func send(_ count: UInt64 = 1, from place: Int = 0, first: UInt32 = 0) -> RunPlan.Step {
        .send(.numbered(count, from: first), from: place)
    }

    /// A segment with this sequence number; `nil`: any.
    static func expect(_ number: UInt64?, at place: Int = 1, within nanoseconds: UInt64 = 10_000_000_000)
        -> RunPlan.Step
    {
        .expect(.init(endpoint: place, segment: .numbered(number), nanoseconds: nanoseconds))
    }

    /// No segment with this sequence number; `nil`: none at all.
    static func expectNone(
        _ number: UInt64?, at place: Int = 1, for nanoseconds: UInt64, since: Int? = nil
    ) -> RunPlan.Step {
        .expectNone(.init(endpoint: place, segment: .numbered(number), nanoseconds: nanoseconds, since: since))
    }
}

extension SegmentExpectation {
    fileprivate static func numbered(_ number: UInt64?) -> SegmentExpectation {
        var expectation = SegmentExpectation()
        if let number { expectation.numbers = [.init(.sequenceNumber, .exactly(number))] }
        return expectation
    }
}

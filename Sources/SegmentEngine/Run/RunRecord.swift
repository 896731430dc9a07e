/// A run, and how far it has come.
package struct RunRecord: Sendable {
    package enum State: String, CaseIterable, Sendable {
        /// Another run has one of its endpoints.
        case queued
        case running
        case done
        case cancelled
        /// The service ended before the run did.
        case lost
    }

    /// What a run has shown.
    package enum Verdict: String, CaseIterable, Sendable {
        case satisfied
        case unsatisfied
        /// Something was lost while it mattered.
        case inconclusive
    }

    /// A step, and how it went.
    package struct Step: Sendable {
        package enum Kind: String, CaseIterable, Sendable {
            case send
            case expect
            case expectNone
            case pause
        }

        package enum State: String, CaseIterable, Sendable {
            case pending
            case running
            case passed
            case failed
            case inconclusive
            case skipped
        }

        package var kind: Kind
        package var endpoint: String?
        package var state = State.pending
        /// When it was decided, in nanoseconds since 1970.
        package var at: Int64?
        /// From the end of the step before until then.
        package var tookNanoseconds: UInt64?
        /// What became of the segments of a `send`.
        package var outcomes: OutcomeCounts?
        /// The segment that came, expected or not.
        package var segment: RunSegment?
        package var nearMisses: [NearMiss] = []
        /// Why it did not pass.
        package var reason: Reason?
    }

    package let number: UInt64
    package let name: String?
    package var state = State.queued
    package var verdict: Verdict?
    /// Why it ended as it did, where that is not as hoped for.
    package var reason: Reason?
    /// Nanoseconds since 1970.
    package let createdAt: Int64
    package var startedAt: Int64?
    package var endedAt: Int64?
    package var steps: [Step]
    /// Datagrams that the endpoints' sockets had no room for while it ran.
    package var lostInKernel: UInt64 = 0
    /// Segments that were gone before a step could look at them; of the step that missed most.
    package var lostInRing: UInt64 = 0

    /// How it was shown by an earlier start of the service, which is all that is known of it; `nil`: it is of this one.
    package let restored: Restored?

    /// A run as it was shown.
    package struct Restored: Sendable {
        package var json: [UInt8]
        package var xml: [UInt8]

        package init(json: [UInt8], xml: [UInt8]) {
            self.json = json
            self.xml = xml
        }
    }

    package var hasEnded: Bool { state != .queued && state != .running }

    /// How many octets of segments it keeps.
    package var octets: Int {
        if let restored { return restored.json.count + restored.xml.count }
        return ownOctets
    }

    private var ownOctets: Int {
        steps.reduce(0) { sum, step in
            step.nearMisses.reduce(sum + (step.segment?.octets.count ?? 0)) { $0 + $1.segment.octets.count }
        }
    }

    /// A run of an earlier start of the service.
    package init(number: UInt64, restored: Restored) {
        self.number = number
        self.restored = restored
        name = nil
        state = .lost
        createdAt = 0
        steps = []
    }

    init(number: UInt64, plan: RunPlan, createdAt: Int64) {
        restored = nil
        self.number = number
        name = plan.name
        self.createdAt = createdAt
        steps = plan.steps.map { step in
            Step(kind: step.kind, endpoint: step.endpoint.map { plan.endpoints[$0] })
        }
    }
}

extension RunPlan.Step {
    package var kind: RunRecord.Step.Kind {
        switch self {
        case .send: .send
        case .expect: .expect
        case .expectNone: .expectNone
        case .pause: .pause
        }
    }
}

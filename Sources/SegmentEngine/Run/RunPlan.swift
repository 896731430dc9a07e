/// A scenario: what is sent and what must come of it, one step after the other.
package struct RunPlan: Hashable, Sendable {
    /// The most steps of one run.
    package static let maximumSteps = 1_000
    /// The longest that a run, and each wait of it, may take.
    package static let maximumNanoseconds: UInt64 = 3_600_000_000_000

    /// How many segments that no step has taken a run remembers.
    package static let maximumBacklog = 4_096
    /// How many octets of segments one run keeps.
    package static let maximumOctets = 4 << 20

    /// What a run does next.
    package enum Step: Hashable, Sendable {
        /// Segments leave an endpoint.
        case send(TransmissionPlan, from: Int)
        /// A segment arrives.
        case expect(Expectation)
        /// No segment arrives.
        case expectNone(Expectation)
        case pause(nanoseconds: UInt64)

        /// Whose step it is, by its place among the run's endpoints.
        package var endpoint: Int? {
            switch self {
            case .send(_, let endpoint): endpoint
            case .expect(let expectation), .expectNone(let expectation): expectation.endpoint
            case .pause: nil
            }
        }
    }

    /// What an endpoint must, or must not, receive.
    package struct Expectation: Hashable, Sendable {
        /// By its place among the run's endpoints.
        package var endpoint: Int
        package var segment: SegmentExpectation
        /// How long after the end of the step before.
        package var nanoseconds: UInt64
        /// Only what arrived since this earlier step began; `nil`: since the run did.
        package var since: Int?

        package init(endpoint: Int, segment: SegmentExpectation, nanoseconds: UInt64, since: Int? = nil) {
            self.endpoint = endpoint
            self.segment = segment
            self.nanoseconds = nanoseconds
            self.since = since
        }
    }

    package var name: String?
    /// The ids of the endpoints that it is about, each once.
    package var endpoints: [String]
    package var steps: [Step]

    package init(name: String?, endpoints: [String], steps: [Step]) {
        self.name = name
        self.endpoints = endpoints
        self.steps = steps
    }

    /// How many octets what it sends is taken to need while it is live.
    var heldOctets: Int {
        steps.reduce(0) { octets, step in
            guard case .send(let plan, _) = step else { return octets }
            return octets + plan.heldOctets
        }
    }

    /// The `expect` before a step that has its endpoint's segments, the nearest one.
    func expectation(before step: Int, at endpoint: Int) -> Int? {
        steps[..<step].lastIndex { earlier in
            guard case .expect(let expectation) = earlier else { return false }
            return expectation.endpoint == endpoint
        }
    }
}

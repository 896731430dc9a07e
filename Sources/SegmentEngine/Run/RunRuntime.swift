/// A run as the engine's thread works with it; for that thread only.
final class RunRuntime {
    enum Phase {
        /// Another run has one of its endpoints.
        case queued
        /// The present step has not begun.
        case beginning
        /// The present step waits, until this time of the monotonic clock at the latest.
        case waiting(until: UInt64)
        case over
    }

    /// Where a step began, for later ones that ask what came since.
    struct Mark {
        /// In the backlog.
        var position: UInt64 = 0
        /// What each endpoint's socket had dropped.
        var drops: [UInt64]
    }

    /// Somebody who waits for the end.
    struct Waiter {
        var id: UInt64
        var completion: EngineCommand.Completion<RunRecord>
    }

    let plan: RunPlan
    let endpoints: [RunEndpoint]
    /// As readers see it.
    var record: RunRecord
    var phase = Phase.queued
    /// The present step.
    var step = 0
    /// When the run began, by the monotonic clock.
    var startedAt: UInt64 = 0
    /// When the step before ended.
    var stepStart: UInt64 = 0
    /// Whether the present step's time is up, and all that came in it has been read.
    var isDue = false
    /// What the present step expects, with numbers for its references.
    var expectation = SegmentExpectation()
    /// Where the present step's window begins.
    var window: Mark
    var backlog: RunBacklog
    /// By the steps that later ones refer to.
    var marks: [Int: Mark] = [:]
    /// The numbers of the segment that each step took.
    var taken: [Int: PreparedSegment.ReceivedNumbers] = [:]
    /// What is being sent.
    var transmission: TransmissionRuntime?
    /// What became of that.
    var sent: TransmissionRecord?
    var waiters: [Waiter] = []
    var nextWaiter: UInt64 = 0
    /// Whether a deadline is set for the present step.
    var hasDeadline = false
    /// Whether it is on the list of those that may go on.
    var isListed = false
    private var keptOctets = 0
    /// The steps that later ones refer to by `since`.
    private let markedSteps: Set<Int>

    init(_ plan: RunPlan, endpoints: [RunEndpoint], record: RunRecord) {
        self.plan = plan
        self.endpoints = endpoints
        self.record = record
        window = Mark(drops: endpoints.map { _ in 0 })
        backlog = RunBacklog(endpoints: endpoints.count)
        markedSteps = Set(
            plan.steps.compactMap { step in
                switch step {
                case .expect(let expectation), .expectNone(let expectation): expectation.since
                case .send, .pause: nil
                }
            })
    }

    var number: UInt64 { record.number }

    var isRunning: Bool {
        switch phase {
        case .beginning, .waiting: true
        case .queued, .over: false
        }
    }

    var isBeginning: Bool {
        if case .beginning = phase { true } else { false }
    }

    /// When it has taken as long as it may.
    var latestEnd: UInt64 { startedAt &+ RunPlan.maximumNanoseconds }

    /// Notes where the present step begins, if a later one refers to it.
    func mark() {
        guard markedSteps.contains(step) else { return }
        marks[step] = Mark(position: backlog.end, drops: endpoints.map(\.drops))
    }

    /// Opens the present step's window.
    func open(_ expectation: RunPlan.Expectation) {
        let start = Mark(drops: endpoints.map(\.dropsAtStart))
        window = expectation.since.map { marks[$0] ?? start } ?? start
        backlog.begin(endpoint: expectation.endpoint, since: window.position)
        self.expectation = expectation.segment.resolved(number)
    }

    /// What an endpoint's socket dropped in the present step's window.
    func lostInKernel(at place: Int) -> UInt64 {
        endpoints[place].drops &- window.drops[place]
    }

    /// Keeps the segment that the present step has taken, while there is room.
    func keep(_ segment: RunSegment) {
        record.steps[step].segment = keeps(segment) ? segment : nil
    }

    /// Those near misses that there is room to keep.
    func kept(_ misses: [NearMiss]) -> [NearMiss] {
        misses.filter { keeps($0.segment) }
    }

    /// Whether there is room for one more segment; from now on it is taken.
    private func keeps(_ segment: RunSegment) -> Bool {
        guard keptOctets + segment.octets.count <= RunPlan.maximumOctets else { return false }
        keptOctets += segment.octets.count
        return true
    }

    /// The number that a reference stands for.
    func number(_ reference: StepNumber) -> UInt32 {
        let received = taken[reference.step] ?? PreparedSegment.ReceivedNumbers()
        return NumberSource.received(reference.number, plus: reference.plus).resolved(received)
    }
}

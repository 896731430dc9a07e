import LinuxSystem

/// A transmission as the engine's thread works with it; for that thread only.
final class TransmissionRuntime {
    /// Distinguishes it from every other, those without a record included.
    let key: UInt64
    let endpoint: EndpointRuntime
    let socket: EngineSocket
    private let steps: [PreparedStep]
    /// As readers see it; `nil` for an endpoint's opening, which nobody asked for by request.
    var record: TransmissionRecord?

    /// The run that it is a step of.
    var run: RunRuntime?

    /// What it counts as, of the octets that may be queued.
    var heldOctets = 0

    private var step = 0
    /// The number of the step's next segment.
    private var number: UInt64 = 0
    /// When the step's first segment was due, by the monotonic clock.
    private var stepStart: UInt64 = 0
    /// When the first segment of all was due; 0 before.
    private var start: UInt64 = 0
    /// Segments that are in the batch and not yet sent or given up.
    var underWay = 0
    private var lateness: LatenessHistogram?
    /// Answers to give when it ends, or at a time of the monotonic clock.
    var waiters: [(deadline: UInt64, completion: EngineCommand.Completion<TransmissionRecord>)] = []
    /// Whether a deadline is set for any who wait.
    var hasWaitDeadline = false
    /// When readers were last told how far it has come.
    var publishedAt: UInt64 = 0
    /// When that was last kept.
    var keptAt: UInt64 = 0

    init(
        key: UInt64, endpoint: EndpointRuntime, socket: EngineSocket, steps: [PreparedStep], record: TransmissionRecord?
    ) {
        self.key = key
        self.endpoint = endpoint
        self.socket = socket
        self.steps = steps
        self.record = record
    }

    /// Whether every segment has been put into a batch.
    var isExhausted: Bool { step == steps.count }

    /// The step of the next segment.
    var current: PreparedStep { steps[step] }

    /// How many segments may leave at `now`; 0 when the next one is due later.
    func allowance(at now: UInt64) -> UInt64 {
        if number == 0, stepStart == 0 {
            start = start == 0 ? max(now, 1) : start
            stepStart = current.offsetNanoseconds.map { $0 < .max - start ? start + $0 : .max } ?? max(now, 1)
        }
        guard now >= stepStart else { return 0 }
        guard current.pacing != .none else { return current.count - number }
        let due = current.pacing.due(after: now &- stepStart)
        return min(due, current.count) - min(number, due)
    }

    /// When the next segments are due, as many as leave at a time.
    var nextDeadline: UInt64 {
        let last = min(number + current.pacing.batch - 1, current.count - 1)
        return deadline(of: last)
    }

    /// Takes the next segments, at most as many as it has: the number of the first, from 0 within its step, how many
    /// they are, and how many of the first ones are recorded.
    func take(_ count: Int, at now: UInt64) -> (number: UInt64, count: Int, recorded: Int) {
        let step = current
        let recorded = number < step.recorded ? Int(min(step.recorded - number, UInt64(count))) : 0
        let taken = (number: number, count: count, recorded: recorded)
        if step.pacing != .none || step.offsetNanoseconds != nil {
            for number in number..<number + UInt64(count) {
                let deadline = deadline(of: number)
                lateness = lateness ?? LatenessHistogram()
                lateness?.add(nanoseconds: now > deadline ? now - deadline : 0)
            }
        }
        number += UInt64(count)
        underWay += count
        if number == step.count {
            self.step += 1
            number = 0
            stepStart = 0
        }
        return taken
    }

    /// When a segment of the step is due; never, where that is beyond what the clock can say.
    private func deadline(of number: UInt64) -> UInt64 {
        let (deadline, overflow) = stepStart.addingReportingOverflow(current.pacing.offset(of: number))
        return overflow ? .max : deadline
    }

    /// What readers are to see of its lateness.
    var latenessSummary: LatenessHistogram.Summary? { lateness?.summary }

    /// Gives up what was not put into a batch yet.
    func cancel() {
        step = steps.count
    }
}

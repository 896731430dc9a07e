/// How many segments a rate allows by now: some at once, and then so many in a second.
struct TokenBucket {
    private static let nanosecondsPerSecond: Int64 = 1_000_000_000
    /// The largest rate, so that no sum overflows.
    static let highestRate = 1_000_000_000

    private let perSecond: Int64
    /// As much as may be saved up, in billionths of a segment: a hundredth of a second's worth, but one segment at least.
    private let capacity: Int64
    /// What it holds, in billionths of a segment; less than nothing after more was taken than there was.
    private var credit: Int64
    /// Until when of the monotonic clock it was filled.
    private var filledAt: UInt64 = 0

    /// A full one of a rate from 1 to ``highestRate``.
    init(perSecond: Int) {
        precondition((1...Self.highestRate).contains(perSecond), "a rate of \(perSecond) segments a second")
        self.perSecond = Int64(perSecond)
        capacity = max(1, self.perSecond / 100) * Self.nanosecondsPerSecond
        credit = capacity
    }

    /// How many segments may leave at `now`.
    mutating func available(at now: UInt64) -> Int {
        if now > filledAt {
            let elapsed = now - filledAt
            filledAt = now
            let untilFull = UInt64((capacity - credit) / perSecond)
            credit = elapsed > untilFull ? capacity : min(capacity, credit + Int64(elapsed) * perSecond)
        }
        return Int(max(0, credit / Self.nanosecondsPerSecond))
    }

    /// Takes so many, also more than there are.
    mutating func take(_ count: Int) {
        credit -= Int64(count) * Self.nanosecondsPerSecond
    }

    /// When there is something worth waking up for again: a thousandth of a second's worth, but one segment at least.
    var nextDeadline: UInt64 {
        let wanted = max(1, perSecond / 1000) * Self.nanosecondsPerSecond
        guard wanted > credit else { return filledAt }
        return filledAt &+ UInt64((wanted - credit + perSecond - 1) / perSecond)
    }
}

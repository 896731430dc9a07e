/// When the segments of a repeat are due.
package enum Pacing: Hashable, Sendable {
    /// All at once, as fast as the kernel takes them.
    case none
    /// So many nanoseconds apart.
    case interval(nanoseconds: UInt64)
    /// So many in a second, evenly; at least one.
    case rate(perSecond: UInt64)

    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000
    /// Segments that are due closer together than this leave in one batch.
    private static let batchNanoseconds: UInt64 = 100_000

    /// When the segment of a number from 0 is due, in nanoseconds after the first.
    ///
    /// Computed from the number, not added up, so that nothing drifts; rounded up, so that it is due then.
    package func offset(of number: UInt64) -> UInt64 {
        switch self {
        case .none: 0
        case .interval(let nanoseconds): Self.quotient(number, nanoseconds, by: 1)
        case .rate(let perSecond):
            Self.quotient(number, Self.nanosecondsPerSecond, plus: perSecond - 1, by: perSecond)
        }
    }

    /// How many segments are due from the first up to a time in nanoseconds after it, inclusive.
    func due(after nanoseconds: UInt64) -> UInt64 {
        switch self {
        case .none: .max
        case .interval(let interval): interval == 0 ? .max : nanoseconds / interval + 1
        case .rate(let perSecond): Self.quotient(nanoseconds, perSecond, by: Self.nanosecondsPerSecond) + 1
        }
    }

    /// How many segments leave at a time.
    var batch: UInt64 {
        switch self {
        case .none: 1
        case .interval(let interval): max(1, Self.batchNanoseconds / max(interval, 1))
        case .rate(let perSecond): max(1, perSecond / (Self.nanosecondsPerSecond / Self.batchNanoseconds))
        }
    }

    /// A product and a little more divided, without overflow on the way; what is too large is as large as can be.
    private static func quotient(
        _ first: UInt64, _ second: UInt64, plus rest: UInt64 = 0, by divisor: UInt64
    ) -> UInt64 {
        var product = first.multipliedFullWidth(by: second)
        let (low, overflow) = product.low.addingReportingOverflow(rest)
        // The upper half of a product is never all ones.
        product = (high: product.high + (overflow ? 1 : 0), low: low)
        guard product.high < divisor else { return .max - 1 }
        return divisor.dividingFullWidth(product).quotient
    }
}

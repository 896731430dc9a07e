/// The values that a field takes from one segment to the next, each a function of its number.
package enum ValueSequence: Hashable, Sendable {
    /// The value in the segment, and so much more each time.
    case increment(Int64)
    /// These, over and over.
    case values([UInt64])
    /// All of these in order, over and over.
    case range(ClosedRange<UInt64>)
    /// The same for the same seed, everywhere and for ever (SplitMix64); within bounds or any.
    case random(seed: UInt64, within: ClosedRange<UInt64>?)

    /// The value of a number from 0, where the segment itself has `base`; at most `maximum`, which is 2ⁿ - 1.
    func value(_ number: UInt64, base: UInt64, maximum: UInt64) -> UInt64 {
        switch self {
        case .increment(let step):
            (base &+ UInt64(bitPattern: step) &* number) & maximum
        case .values(let values):
            values[Int(number % UInt64(values.count))]
        case .range(let range):
            range.lowerBound + number % (range.upperBound - range.lowerBound + 1)
        case .random(let seed, let range):
            if let range {
                // The high half of the product maps evenly onto the range, to within 1 in 2³².
                range.lowerBound
                    + (SplitMix64.value(number, seed: seed) >> 32).multipliedFullWidth(
                        by: (range.upperBound - range.lowerBound + 1) << 32
                    ).high
            } else {
                SplitMix64.value(number, seed: seed) & maximum
            }
        }
    }

    /// Every value it can take; `nil`: any that the field holds.
    var bounds: ClosedRange<UInt64>? {
        switch self {
        case .increment: nil
        case .values(let values): (values.min() ?? 0)...(values.max() ?? 0)
        case .range(let range): range
        case .random(_, let range): range
        }
    }
}

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
                // The high half of the product falls into the range, evenly to 1 in 2³¹ or better.
                range.lowerBound
                    + SplitMix64.value(number, seed: seed).multipliedFullWidth(
                        by: range.upperBound - range.lowerBound + 1
                    ).high
            } else {
                SplitMix64.value(number, seed: seed) & maximum
            }
        }
    }

    /// The least and the greatest value it takes within so many segments; `nil`: any that the field holds.
    package func bounds(base: UInt64, count: UInt64, maximum: UInt64) -> ClosedRange<UInt64>? {
        switch self {
        case .increment(let step):
            let (distance, overflow) = step.magnitude.multipliedReportingOverflow(by: count - 1)
            guard !overflow else { return nil }
            if step < 0 { return distance <= base ? base - distance...base : nil }
            return distance <= maximum - min(base, maximum) ? base...base + distance : nil
        case .values(let values): return (values.min() ?? 0)...(values.max() ?? 0)
        case .range(let range): return range
        case .random(_, let range): return range
        }
    }
}

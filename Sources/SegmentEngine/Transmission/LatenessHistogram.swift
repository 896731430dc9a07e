/// How late things were, in buckets that are at most an eighth of their value wide.
package struct LatenessHistogram: Sendable {
    /// Percentiles and the worst, in nanoseconds.
    package struct Summary: Hashable, Sendable {
        package var median: UInt64
        package var percentile99: UInt64
        package var maximum: UInt64
    }

    private static let stepsPerDoubling = 8
    private var buckets = [UInt64](repeating: 0, count: 64 * stepsPerDoubling)
    private var count: UInt64 = 0
    private var maximum: UInt64 = 0

    package init() {}

    package mutating func add(nanoseconds: UInt64) {
        buckets[Self.bucket(of: nanoseconds)] += 1
        count += 1
        maximum = max(maximum, nanoseconds)
    }

    /// `nil` when nothing was added.
    package var summary: Summary? {
        guard count > 0 else { return nil }
        return Summary(median: percentile(50), percentile99: percentile(99), maximum: maximum)
    }

    /// The upper end of the bucket below which so many percent are.
    private func percentile(_ percent: UInt64) -> UInt64 {
        let rank = (count * percent + 99) / 100
        var seen: UInt64 = 0
        for (index, size) in buckets.enumerated() {
            seen += size
            if seen >= rank { return min(Self.upperBound(of: index), maximum) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        guard value >= 8 else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let mantissa = Int(value >> UInt64(exponent - 3)) & 7
        return (exponent - 2) * stepsPerDoubling + mantissa
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        guard bucket >= 8 else { return UInt64(bucket) }
        let exponent = UInt64(bucket / stepsPerDoubling + 2)
        let mantissa = UInt64(bucket % stepsPerDoubling)
        // The last bucket ends where numbers do.
        return ((8 + mantissa + 1) << (exponent - 3)) &- 1
    }
}

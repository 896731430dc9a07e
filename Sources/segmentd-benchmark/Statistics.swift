/// A middle value and where half of the values lie.
struct Statistics: Sendable {
    var median: Double
    var lowerQuartile: Double
    var upperQuartile: Double

    /// Of at least one value.
    init(_ values: [Double]) {
        precondition(!values.isEmpty, "nothing was measured")
        let sorted = values.sorted()
        median = Self.quantile(0.5, of: sorted)
        lowerQuartile = Self.quantile(0.25, of: sorted)
        upperQuartile = Self.quantile(0.75, of: sorted)
    }

    /// The same of values so many times as large.
    func times(_ factor: Double) -> Statistics {
        var result = self
        result.median *= factor
        result.lowerQuartile *= factor
        result.upperQuartile *= factor
        return result
    }

    /// The value that a share of at least one ascending value does not exceed, in between by interpolation.
    static func quantile(_ share: Double, of sorted: [Double]) -> Double {
        let position = share * Double(sorted.count - 1)
        let below = Int(position)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (sorted[above] - sorted[below]) * (position - Double(below))
    }
}

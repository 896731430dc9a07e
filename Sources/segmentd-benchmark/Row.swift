/// One line of the result.
struct Row {
    /// What a result has to reach.
    enum Target {
        case atLeast(Double)
        case atMost(Double)
        /// Nothing: it is shown for information.
        case none

        func isMet(by value: Double) -> Bool? {
            switch self {
            case .atLeast(let bound): value >= bound
            case .atMost(let bound): value <= bound
            case .none: nil
            }
        }
    }

    /// What was measured.
    var label: String
    var unit: String
    var floor: Double?
    /// `nil` where there was nothing to measure.
    var ours: Double?
    /// Ours divided by the floor, as a median with its quartiles; `nil` where there is no floor.
    var ratio: Statistics?
    var target = Target.none

    init(_ label: String, unit: String, _ comparison: Comparison, target: Target = .none) {
        self.label = label
        self.unit = unit
        floor = comparison.floor.median
        ours = comparison.ours.median
        ratio = comparison.ratio
        self.target = target
    }

    init(_ label: String, unit: String, ours: Double, target: Target = .none) {
        self.label = label
        self.unit = unit
        self.ours = ours
        self.target = target
    }

    /// A program that is not there.
    init(notInstalled label: String, unit: String) {
        self.label = label
        self.unit = unit
    }

    /// Whether it reaches its target, by its ratio where it has one; `nil` without a target.
    var isMet: Bool? { (ratio?.median ?? ours).flatMap(target.isMet) }
}

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

    var path: String
    var unit: String
    var floor: Double?
    var ours: Double
    /// Ours divided by the floor, as a median with its quartiles; `nil` where there is no floor.
    var ratio: Statistics?
    var target = Target.none

    init(_ path: String, unit: String, _ comparison: Comparison, target: Target = .none) {
        self.path = path
        self.unit = unit
        floor = comparison.floor.median
        ours = comparison.ours.median
        ratio = comparison.ratio
        self.target = target
    }

    init(_ path: String, unit: String, ours: Double, floor: Double? = nil, target: Target = .none) {
        self.path = path
        self.unit = unit
        self.floor = floor
        self.ours = ours
        self.target = target
    }

    /// Whether it reaches its target, by its ratio where it has one; `nil` without a target.
    var isMet: Bool? { target.isMet(by: ratio?.median ?? ours) }
}

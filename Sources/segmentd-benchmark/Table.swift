/// The result as text for people.
enum Table {
    static let header = line("path", "unit", "floor", "ours", "ratio", "quartiles", "target")

    static func line(_ row: Row) -> String {
        let verdict = row.isMet == false ? "  missed" : ""
        return line(
            row.label, row.unit, row.floor.map(figure) ?? "", row.ours.map(figure) ?? notInstalled,
            row.ratio.map { fixed($0.median) } ?? "", row.ratio.map(quartiles) ?? "", target(row.target) + verdict)
    }

    static let notInstalled = "not installed"

    static func quartiles(_ ratio: Statistics) -> String {
        "\(fixed(ratio.lowerQuartile))–\(fixed(ratio.upperQuartile))"
    }

    static func target(_ target: Row.Target) -> String {
        switch target {
        case .atLeast(let bound): "≥ \(figure(bound))"
        case .atMost(let bound): "≤ \(figure(bound))"
        case .none: ""
        }
    }

    /// A number with as many digits as mean something.
    static func figure(_ value: Double) -> String {
        switch value.magnitude {
        case 0: "0"
        case 1000...: grouped(Int(value.rounded()))
        case 100...: "\(Int(value.rounded()))"
        default: fixed(value)
        }
    }

    /// A number with two decimals, or three where two would be 0.
    static func fixed(_ value: Double) -> String {
        let digits = value.magnitude < 0.1 ? 3 : 2
        let scale = digits == 3 ? 1000 : 100
        let scaled = Int((value.magnitude * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(value < 0 ? "-" : "")\(scaled / scale).\(zeros)\(fraction)"
    }

    /// A number with a comma between thousands.
    static func grouped(_ value: Int) -> String {
        guard value >= 1000 else { return "\(value)" }
        let rest = String(value % 1000)
        return grouped(value / 1000) + "," + String(repeating: "0", count: 3 - rest.count) + rest
    }

    private static func line(
        _ path: String, _ unit: String, _ floor: String, _ ours: String, _ ratio: String, _ quartiles: String,
        _ target: String
    ) -> String {
        left(path, 58) + left(unit, 14) + right(floor, 11) + right(ours, 14) + right(ratio, 8) + "  "
            + left(quartiles, 13) + target
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}

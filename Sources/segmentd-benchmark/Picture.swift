import Glibc

/// The cost of a segment against the number of endpoints, as SVG that suits light and dark pages.
struct Picture {
    /// The cost with a number of endpoints, in nanoseconds.
    struct Point {
        var endpoints: Int
        var cost: Statistics
    }

    private static let (width, height) = (720.0, 420.0)
    private static let (left, right, top, bottom) = (76.0, 36.0, 76.0, 64.0)
    /// How far the outermost points are from the ends of the axis.
    private static let inset = 40.0

    private static let style = """
        <style>
        text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328 }
        .paper { fill: #ffffff }
        .title { font-size: 16px; font-weight: 600 }
        .note { font-size: 12px; fill: #59636e }
        .figure { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round }
        .axis { stroke: #59636e; fill: none }
        .grid { stroke: #d1d9e0; fill: none }
        .cost { stroke: #0969da; stroke-width: 2; fill: none }
        .dot { fill: #0969da }
        .bound { stroke: #bc4c00; stroke-width: 1.5; stroke-dasharray: 6 4; fill: none }
        .promise { fill: #bc4c00 }
        @media (prefers-color-scheme: dark) {
        text { fill: #f0f6fc }
        .paper { fill: #0d1117 }
        .note { fill: #9198a1 }
        .figure { stroke: #0d1117 }
        .axis { stroke: #9198a1 }
        .grid { stroke: #30363d }
        .cost { stroke: #58a6ff }
        .dot { fill: #58a6ff }
        .bound { stroke: #f0883e }
        .promise { fill: #f0883e }
        }
        </style>
        """

    /// At least one.
    let points: [Point]
    /// What a segment is to cost at most, in nanoseconds.
    let bound: Double

    var text: String {
        let label = "Time to receive a segment, by number of endpoints"
        let lines =
            [
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" "
                    + "width=\"\(Int(Self.width))\" height=\"\(Int(Self.height))\" role=\"img\" "
                    + "aria-label=\"\(label)\">",
                Self.style,
                "<rect class=\"paper\" width=\"\(Int(Self.width))\" height=\"\(Int(Self.height))\" rx=\"6\"/>",
                Self.label(label, Self.left, 32, "start", "title"),
                Self.label(
                    "medians and quartiles of runs in turns with one endpoint; all endpoints receive equally much",
                    Self.left, 54, "start", "note"),
            ] + axes + promise + curve
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    // MARK: Parts

    private var axes: [String] {
        let floor = Self.height - Self.bottom
        let end = Self.width - Self.right
        var lines: [String] = []
        for tick in ticks {
            let y = y(tick)
            lines.append(Self.line(Self.left, y, end, y, tick == 0 ? "axis" : "grid"))
            lines.append(Self.label(Table.grouped(Int(tick)), Self.left - 8, y + 4, "end"))
        }
        lines.append(Self.line(Self.left, Self.top, Self.left, floor, "axis"))
        for point in points {
            let x = x(point.endpoints)
            lines.append(Self.line(x, floor, x, floor + 5, "axis"))
            lines.append(Self.label(Table.grouped(point.endpoints), x, floor + 21, "middle"))
        }
        let (middle, center) = ((Self.left + end) / 2, (Self.top + floor) / 2)
        lines.append(Self.label("endpoints (logarithmic scale)", middle, Self.height - 16, "middle"))
        lines.append(
            "<text x=\"20\" y=\"\(Self.place(center))\" text-anchor=\"middle\" "
                + "transform=\"rotate(-90 20 \(Self.place(center)))\">nanoseconds per segment</text>")
        return lines
    }

    private var promise: [String] {
        let y = y(bound)
        let end = Self.width - Self.right
        return [
            Self.line(Self.left, y, end, y, "bound"),
            Self.label("1.1 × one endpoint", Self.left + 8, y - 8, "start", "figure promise"),
        ]
    }

    private var curve: [String] {
        let path = points.map { "\(Self.place(x($0.endpoints))),\(Self.place(y($0.cost.median)))" }
        var lines = ["<polyline class=\"cost\" points=\"\(path.joined(separator: " "))\"/>"]
        for point in points {
            let (x, y) = (x(point.endpoints), y(point.cost.median))
            lines.append(Self.line(x, self.y(point.cost.lowerQuartile), x, self.y(point.cost.upperQuartile), "cost"))
            lines.append("<circle class=\"dot\" cx=\"\(Self.place(x))\" cy=\"\(Self.place(y))\" r=\"4\"/>")
            let below = self.y(point.cost.lowerQuartile) + 20
            lines.append(Self.label(Table.grouped(Int(point.cost.median.rounded())), x, below, "middle", "figure"))
        }
        return lines
    }

    // MARK: Places

    private var highest: Double { max(bound, points.map(\.cost.upperQuartile).max() ?? 0) * 1.15 }

    /// Round values of the cost, from 0 on, some six of them.
    private var ticks: [Double] {
        let steps = [10.0, 20, 50, 100, 200, 250, 500, 1000, 2000, 5000]
        let step = steps.first { highest / $0 <= 7 } ?? 10_000
        return Array(stride(from: 0, through: highest, by: step))
    }

    private func x(_ endpoints: Int) -> Double {
        let decades = max(1, log10(Double(points.map(\.endpoints).max() ?? 10)))
        let start = Self.left + Self.inset
        return start + log10(Double(endpoints)) / decades * (Self.width - Self.right - Self.inset - start)
    }

    private func y(_ cost: Double) -> Double {
        Self.height - Self.bottom - cost / highest * (Self.height - Self.bottom - Self.top)
    }

    private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ kind: String) -> String {
        "<path class=\"\(kind)\" d=\"M\(place(x1)) \(place(y1))L\(place(x2)) \(place(y2))\"/>"
    }

    private static func label(
        _ text: String, _ x: Double, _ y: Double, _ anchor: String, _ kind: String? = nil
    ) -> String {
        let kind = kind.map { " class=\"\($0)\"" } ?? ""
        return "<text\(kind) x=\"\(place(x))\" y=\"\(place(y))\" text-anchor=\"\(anchor)\">\(text)</text>"
    }

    /// A coordinate to a tenth.
    private static func place(_ coordinate: Double) -> String {
        let tenths = Int((coordinate * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
}

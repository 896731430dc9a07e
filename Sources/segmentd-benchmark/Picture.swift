import Glibc
import LinuxSystem

/// The cost of a segment against the number of endpoints, as SVG.
struct Picture {
    private static let (width, height) = (640.0, 360.0)
    private static let (left, right, top, bottom) = (70.0, 20.0, 50.0, 60.0)

    let points: [EndpointsPath.Point]

    func write(to path: String) throws(BenchmarkError) {
        let octets = [UInt8](text.utf8)
        let fd = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard fd >= 0 else { throw .system(path, .last) }
        let file = FileDescriptor(adopting: fd)
        guard unsafe Glibc.write(file.rawValue, octets, octets.count) == octets.count else {
            throw .system(path, .last)
        }
    }

    var text: String {
        let highest = (points.map(\.nanoseconds).max() ?? 1) * 1.25
        let decades = max(1, log10(Double(points.map(\.endpoints).max() ?? 10)))
        let places = points.map { point in
            (
                x: Self.left + log10(Double(point.endpoints)) / decades * (Self.width - Self.left - Self.right),
                y: Self.height - Self.bottom - point.nanoseconds / highest * (Self.height - Self.top - Self.bottom)
            )
        }
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" font-family=\"sans-serif\" "
                + "font-size=\"12\">",
            "<rect width=\"640\" height=\"360\" fill=\"white\"/>",
            "<text x=\"70\" y=\"26\" font-size=\"15\">Receiving a segment and finding its endpoint</text>",
            "<text x=\"355\" y=\"350\" text-anchor=\"middle\">endpoints</text>",
            "<text x=\"16\" y=\"175\" text-anchor=\"middle\" transform=\"rotate(-90 16 175)\">"
                + "nanoseconds a segment</text>",
            "<path d=\"M70 50V300H620\" fill=\"none\" stroke=\"black\"/>",
        ]
        for (point, place) in zip(points, places) {
            let (x, y) = (Table.figure(place.x), Table.figure(place.y))
            lines.append("<circle cx=\"\(x)\" cy=\"\(y)\" r=\"4\" fill=\"#1565c0\"/>")
            lines.append(
                "<text x=\"\(x)\" y=\"\(Table.figure(place.y - 12))\" text-anchor=\"middle\">"
                    + "\(Table.figure(point.nanoseconds))</text>")
            lines.append(
                "<text x=\"\(x)\" y=\"320\" text-anchor=\"middle\">\(Table.figure(Double(point.endpoints)))</text>")
        }
        let line = places.map { "\(Table.figure($0.x)),\(Table.figure($0.y))" }.joined(separator: " ")
        lines.append("<polyline points=\"\(line)\" fill=\"none\" stroke=\"#1565c0\" stroke-width=\"2\"/>")
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }
}

import JSONText
import Measuring

/// Writes metrics, family after family, each with all of its samples.
struct ExpositionWriter: ~Copyable {
    /// Names and values by which samples of a family differ.
    typealias Labels = KeyValuePairs<StaticString, String>

    private let format: ExpositionFormat
    private var output: OctetWriter
    /// The name of the present family's samples.
    private var name = ""

    init(_ format: ExpositionFormat, reservingCapacity capacity: Int = 1024) {
        self.format = format
        output = OctetWriter(capacity: capacity)
    }

    /// Ends writing.
    consuming func finish() -> OctetBuffer {
        if format == .openMetrics { append("# EOF\n") }
        return output.finish()
    }

    /// Begins a family; its samples follow.
    mutating func begin(_ family: MetricFamily) {
        switch family.kind {
        case .counter: name = family.name + "_total"
        case .info: name = family.name + "_info"
        case .gauge, .histogram: name = family.name
        }
        switch format {
        case .prometheus:
            // It knows no infos, and takes the names of samples for those of families.
            append("# HELP \(name) \(Self.escaped(family.help, quotes: false))\n")
            append("# TYPE \(name) \(family.kind == .info ? "gauge" : family.kind.rawValue)\n")
        case .openMetrics:
            append("# TYPE \(family.name) \(family.kind.rawValue)\n")
            if let unit = family.unit { append("# UNIT \(family.name) \(unit.rawValue)\n") }
            append("# HELP \(family.name) \(Self.escaped(family.help, quotes: true))\n")
        }
    }

    /// Writes a whole number.
    mutating func sample(_ value: some FixedWidthInteger, _ labels: Labels = [:]) {
        write("", labels, value: String(value))
    }

    /// Writes a time in seconds.
    mutating func sample(nanoseconds: UInt64, _ labels: Labels = [:]) {
        write("", labels, value: Self.seconds(nanoseconds))
    }

    /// Writes how often something took how long, in seconds.
    mutating func sample(_ durations: DurationHistogram.Snapshot, _ labels: Labels = [:]) {
        var count: UInt64 = 0
        for (index, each) in durations.counts.enumerated() {
            count &+= each
            let isLast = index == DurationHistogram.bounds.count
            write("_bucket", labels, bound: isLast ? "+Inf" : Self.bounds[index], value: String(count))
        }
        write("_count", labels, value: String(count))
        write("_sum", labels, value: Self.seconds(durations.sumNanoseconds))
    }

    /// The bounds in seconds, as OpenMetrics wants them written.
    private static let bounds = DurationHistogram.bounds.indices.map { index in
        (Double(DurationHistogram.bounds[index]) / 1e9).description
    }

    private mutating func write(_ suffix: StaticString, _ labels: Labels, bound: String? = nil, value: String) {
        append(name)
        output.append(suffix)
        var separator = UInt8(ascii: "{")
        for (label, value) in labels {
            output.append(separator)
            output.append(label)
            append("=\"\(Self.escaped(value, quotes: true))\"")
            separator = UInt8(ascii: ",")
        }
        if let bound {
            output.append(separator)
            append("le=\"\(bound)\"")
            separator = UInt8(ascii: ",")
        }
        if separator == UInt8(ascii: ",") { output.append(UInt8(ascii: "}")) }
        output.append(UInt8(ascii: " "))
        append(value)
        output.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ text: String) {
        output.append(text.utf8.span)
    }

    /// Exact: a sum of nanoseconds in floating point would lose some after a hundred days.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let fraction = String(nanoseconds % 1_000_000_000)
        let digits = String(repeating: "0", count: 9 - fraction.count) + fraction
        return "\(nanoseconds / 1_000_000_000).\(digits)"
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x0A || $0 == 0x5C || quotes && $0 == 0x22 }) else { return text }
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\"" where quotes: escaped.append(contentsOf: "\\\"".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }
}

import Glibc
import JSONText
import LinuxSystem

/// Shows results as they come, and all of them in the end.
struct Report {
    let isJSON: Bool
    private let start = Clock.monotonicNanoseconds
    private var rows: [Row] = []
    private var failures: [(path: String, error: BenchmarkError)] = []

    init(isJSON: Bool) {
        self.isJSON = isJSON
        note(Table.header)
    }

    var hasFailed: Bool { !failures.isEmpty }

    /// Says what is being measured.
    func begin(_ path: String) {
        note("… \(path)")
    }

    mutating func add(_ row: Row) {
        rows.append(row)
        note(Table.line(row))
    }

    mutating func fail(_ path: String, _ error: BenchmarkError) {
        failures.append((path: path, error: error))
        note("\(path) could not be measured: \(error)")
    }

    /// Writes the result to standard output.
    func end() {
        let seconds = Double(Clock.monotonicNanoseconds - start) / 1e9
        guard isJSON else {
            print(Table.header)
            for row in rows { print(Table.line(row)) }
            return note("in \(Int(seconds.rounded())) s")
        }
        var json = JSONWriter()
        json.beginObject()
        json.member("seconds", seconds)
        json.key("paths")
        json.beginArray()
        for row in rows { Self.write(row, to: &json) }
        json.endArray()
        json.key("failures")
        json.beginArray()
        for failure in failures { json.value("\(failure.path): \(failure.error)") }
        json.endArray()
        json.endObject()
        print(String(decoding: json.octets, as: UTF8.self))
    }

    /// Writes a line for whoever watches, apart from the result.
    private func note(_ line: String) {
        let octets = [UInt8]((line + "\n").utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, octets, octets.count)
    }

    private static func write(_ row: Row, to json: inout JSONWriter) {
        json.beginObject()
        json.member("path", row.path)
        json.member("unit", row.unit)
        json.member("floor", row.floor)
        json.member("ours", row.ours)
        json.member("ratio", row.ratio?.median)
        json.member("lowerQuartile", row.ratio?.lowerQuartile)
        json.member("upperQuartile", row.ratio?.upperQuartile)
        switch row.target {
        case .atLeast(let bound): json.member("atLeast", bound)
        case .atMost(let bound): json.member("atMost", bound)
        case .none: break
        }
        json.member("isMet", row.isMet)
        json.endObject()
    }
}

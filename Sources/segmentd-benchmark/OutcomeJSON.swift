import JSONText

/// A run as JSON, with all that the tables show.
enum OutcomeJSON {
    static func encode(_ outcome: Outcome) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.key("machine")
        write(outcome.machine, to: &json)
        json.member("seconds", outcome.seconds)
        json.member("rounds", outcome.scale.rounds)
        json.member("countsProcessorTime", outcome.countsProcessorTime)
        json.key("paths")
        json.beginArray()
        for line in outcome.lines { write(line, to: &json) }
        json.endArray()
        json.key("failures")
        json.beginArray()
        for failure in outcome.failures { json.value("\(failure.path): \(failure.error)") }
        json.endArray()
        json.endObject()
        return String(decoding: json.octets, as: UTF8.self)
    }

    private static func write(_ machine: Machine, to json: inout JSONWriter) {
        json.beginObject()
        json.member("processor", machine.processor)
        json.member("cores", machine.cores)
        json.member("memoryGibibytes", machine.memoryGibibytes)
        json.member("kernel", machine.kernel)
        json.member("compiler", machine.compiler)
        json.endObject()
    }

    private static func write(_ line: Outcome.Line, to json: inout JSONWriter) {
        let row = line.row
        json.beginObject()
        json.member("path", line.path)
        json.member("label", row.label)
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

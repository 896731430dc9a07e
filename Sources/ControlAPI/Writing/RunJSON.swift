import JSONText
import SegmentEngine

/// Writes runs.
enum RunJSON {
    static func write(_ run: RunRecord, to json: inout JSONWriter) {
        if let restored = run.restored { return json.value(json: restored.json.span) }
        json.beginObject()
        json.member("id", identifier(of: run.number))
        json.member("name", run.name)
        json.member("state", run.state.rawValue)
        json.member("verdict", run.verdict?.rawValue)
        json.member("reason", run.reason.map(RunReasonText.text))
        json.member("createdAt", time: run.createdAt)
        json.member("startedAt", time: run.startedAt)
        json.member("endedAt", time: run.endedAt)
        json.key("steps")
        json.beginArray()
        for step in run.steps { write(step, to: &json) }
        json.endArray()
        json.key("lost")
        json.beginObject()
        json.member("kernel", run.lostInKernel)
        json.member("ring", run.lostInRing)
        json.endObject()
        json.endObject()
    }

    /// What a run is called in paths.
    static func identifier(of number: UInt64) -> String { "r\(number)" }

    /// The number that a run's name stands for.
    static func number(of identifier: String) -> UInt64? {
        guard let number = UInt64(identifier.dropFirst()), self.identifier(of: number) == identifier else { return nil }
        return number
    }

    private static func write(_ step: RunRecord.Step, to json: inout JSONWriter) {
        json.beginObject()
        json.member("kind", step.kind.rawValue)
        json.member("endpoint", step.endpoint)
        json.member("state", step.state.rawValue)
        json.member("at", time: step.at)
        json.member("took", step.tookNanoseconds.map { Duration.text(nanoseconds: $0) })
        json.member("reason", step.reason.map(RunReasonText.text))
        if let outcomes = step.outcomes {
            json.key("outcomes")
            json.beginObject()
            for outcome in SendOutcome.allCases where outcomes[outcome] > 0 {
                json.key(outcome.rawValue)
                json.value(outcomes[outcome])
            }
            json.endObject()
        }
        json.key("segment")
        if let segment = step.segment { write(segment, to: &json) } else { json.null() }
        json.key("nearMisses")
        json.beginArray()
        for miss in step.nearMisses { write(miss, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ miss: NearMiss, to json: inout JSONWriter) {
        json.beginObject()
        json.key("segment")
        write(miss.segment, to: &json)
        json.key("differences")
        json.beginArray()
        for difference in miss.differences { DifferenceJSON.write(difference, to: &json) }
        json.endArray()
        json.endObject()
    }

    private static func write(_ segment: RunSegment, to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", segment.number)
        json.member("endpoint", segment.endpoint)
        json.member("direction", segment.direction.rawValue)
        json.member("timestamp", time: segment.timestampNanoseconds)
        SegmentJSON.writeContent(of: segment.octets.span, to: &json)
        json.endObject()
    }
}

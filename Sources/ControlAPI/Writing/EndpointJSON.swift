import CaptureFilter
import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// Writes endpoints so that what is read can be posted again.
enum EndpointJSON {
    static func write(_ endpoint: EndpointRecord, to json: inout JSONWriter) {
        let definition = endpoint.definition
        json.beginObject()
        json.member("id", endpoint.id)
        json.member("role", definition.role.rawValue)
        write(endpoint.state, to: &json)
        writePlace(of: definition, to: &json)
        json.key("guard")
        writeGuard(of: endpoint, to: &json)
        writeSegments(of: definition, to: &json)
        json.member("cursor", endpoint.cursor)
        json.key("warnings")
        json.beginArray()
        for warning in endpoint.warnings {
            json.value(warning)
        }
        json.endArray()
        writeLabels(of: definition, to: &json)
        json.member("createdAt", time: endpoint.createdAt)
        json.member("startedAt", time: endpoint.startedAt)
        json.key("counters")
        CountersJSON.write(of: endpoint, to: &json)
        json.endObject()
    }

    /// Writes what makes an endpoint, and nothing of what became of it.
    static func writeDefinition(_ definition: EndpointDefinition, id: String, to json: inout JSONWriter) {
        json.beginObject()
        json.member("id", id)
        json.member("role", definition.role.rawValue)
        writePlace(of: definition, to: &json)
        json.member("guard", name(of: definition.guardChoice))
        writeSegments(of: definition, to: &json)
        writeLabels(of: definition, to: &json)
        json.endObject()
    }

    private static func writePlace(of definition: EndpointDefinition, to json: inout JSONWriter) {
        json.member("domain", definition.domain.rawValue)
        json.key("local")
        write(definition.local, to: &json)
        json.key("remote")
        if let remote = definition.remote {
            write(remote, to: &json)
        } else {
            json.null()
        }
        json.member("trigger", definition.trigger.rawValue)
        json.member("socket", definition.socket.rawValue)
        json.member("namespace", definition.namespace)
        json.member("filter", definition.filter?.text)
    }

    private static func writeSegments(of definition: EndpointDefinition, to json: inout JSONWriter) {
        json.key("opening")
        writeSegments(definition.opening, to: &json)
        json.key("rules")
        json.beginArray()
        for rule in definition.rules {
            write(rule, to: &json)
        }
        json.endArray()
    }

    private static func writeLabels(of definition: EndpointDefinition, to json: inout JSONWriter) {
        json.key("labels")
        json.beginObject()
        for label in definition.labels {
            json.key(label.name)
            json.value(label.value)
        }
        json.endObject()
    }

    private static func write(_ state: EndpointRecord.State, to json: inout JSONWriter) {
        switch state {
        case .running: json.member("state", "running")
        case .stopped: json.member("state", "stopped")
        case .degraded(let reason):
            json.member("state", "degraded")
            json.member("reason", reason)
        }
    }

    private static func write(_ address: TransportAddress, to json: inout JSONWriter) {
        json.beginObject()
        json.member("address", address.address)
        json.member("port", address.port)
        json.endObject()
    }

    private static func writeGuard(of endpoint: EndpointRecord, to json: inout JSONWriter) {
        json.beginObject()
        json.member("wanted", name(of: endpoint.definition.guardChoice))
        json.member("active", endpoint.activeGuard.rawValue)
        json.key("better")
        json.beginArray()
        for refusal in endpoint.guardRefusals {
            json.beginObject()
            json.member("guard", refusal.kind.rawValue)
            json.member("reason", EngineProblems.reason(for: refusal))
            json.endObject()
        }
        json.endArray()
        json.endObject()
    }

    private static func name(of choice: GuardChoice) -> String {
        switch choice {
        case .automatic: "auto"
        case .exactly(let kind): kind.rawValue
        }
    }

    private static func write(_ rule: Rule, to json: inout JSONWriter) {
        json.beginObject()
        json.member("name", rule.name)
        json.key("match")
        json.beginObject()
        if !rule.match.flags.isEmpty { json.member("flags", rule.match.flags) }
        if !rule.match.withoutFlags.isEmpty { json.member("withoutFlags", rule.match.withoutFlags) }
        write(payloadLength: rule.match.payloadLength, to: &json)
        if !rule.match.payloadContains.isEmpty {
            json.key("payloadContains")
            TemplateJSON.writePayload(rule.match.payloadContains, to: &json)
        }
        if let filter = rule.match.filter { json.member("filter", filter.text) }
        json.endObject()
        json.key("reply")
        writeSegments(rule.reply, to: &json)
        json.member("pace", Duration.text(nanoseconds: rule.paceNanoseconds))
        json.member("limit", rule.limit)
        json.endObject()
    }

    private static func write(payloadLength lengths: ClosedRange<Int>, to json: inout JSONWriter) {
        guard lengths != SegmentMatch.anyLength else { return }
        guard lengths.lowerBound < lengths.upperBound else {
            return json.member("payloadLength", lengths.lowerBound)
        }
        json.key("payloadLength")
        json.beginObject()
        json.member("from", lengths.lowerBound)
        if lengths.upperBound < SegmentMatch.anyLength.upperBound { json.member("to", lengths.upperBound) }
        json.endObject()
    }

    private static func writeSegments(_ segments: [SegmentTemplate], to json: inout JSONWriter) {
        json.beginArray()
        for segment in segments {
            TemplateJSON.write(segment, to: &json)
        }
        json.endArray()
    }
}

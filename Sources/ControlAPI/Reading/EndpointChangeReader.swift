import JSONText
import SegmentEngine

/// Reads what a merge patch changes about an endpoint: its rules, filter and labels, and nothing else.
///
/// Members that stay as they are may be there, so that what GET shows can be edited and sent back.
enum EndpointChangeReader {
    private static let remedy = "cannot be changed; remove the endpoint and create it anew"

    /// Reports everything that is wrong; the change is of use when nothing is.
    static func change(_ body: FieldReader, of endpoint: EndpointRecord) -> EndpointChange {
        var change = EndpointChange()
        guard let patch = body.object(), case .object(let members) = body.value else { return change }
        var json = JSONWriter()
        EndpointJSON.write(endpoint, to: &json)
        guard let present = try? JSONParser.parse(json.octets) else { return change }

        let merged = FieldReader(
            value: result(of: body.value, on: present), pointer: body.pointer, violations: body.violations)
        if patch.has("start") {
            patch["start"]?.report("is for creating; use POST /endpoints/\(endpoint.id)/start or …/stop")
        }
        if let state = patch["state"], state.value != .string(stateName(of: endpoint)) {
            state.report("is \(stateName(of: endpoint)); use POST /endpoints/\(endpoint.id)/start or …/stop")
        }
        guard let definition = EndpointReader.definition(merged) else { return change }
        reportDifferences(of: definition, from: endpoint, in: body)

        if members["rules"] != nil { change.rules = definition.rules }
        if members["filter"] != nil { change.filter = .some(definition.filter) }
        switch members["labels"] {
        case .object(let labels):
            change.labelEdits = labels.members.map { label in
                EndpointChange.LabelEdit(name: label.key, value: definition.label(label.key))
            }
        case nil: break
        default: change.removesLabels = true
        }
        return change
    }

    /// What the endpoint would be, created anew with the patch applied.
    private static func result(of patch: JSONValue, on present: JSONValue) -> JSONValue {
        var merged = MergePatch.applying(patch, to: present)
        // A remote of null stands for any peer, while one that is left out is the preset's.
        if case .object(let changes) = patch, changes["remote"] == .null, case .object(var object) = merged {
            object.members.append(.init(key: "remote", value: .null))
            merged = .object(object)
        }
        return merged
    }

    private static func reportDifferences(
        of wanted: EndpointDefinition, from endpoint: EndpointRecord, in body: FieldReader
    ) {
        let present = endpoint.definition
        let differences: [(name: String, differs: Bool)] = [
            ("id", wanted.id != endpoint.id), ("role", wanted.role != present.role),
            ("domain", wanted.domain != present.domain), ("local", wanted.local != present.local),
            ("remote", wanted.remote != present.remote), ("trigger", wanted.trigger != present.trigger),
            ("socket", wanted.socket != present.socket), ("guard", wanted.guardChoice != present.guardChoice),
            ("opening", wanted.opening != present.opening),
        ]
        for (name, differs) in differences where differs {
            body.violations.add(remedy, at: body.pointer.appending(name))
        }
    }

    private static func stateName(of endpoint: EndpointRecord) -> String {
        switch endpoint.state {
        case .running: "running"
        case .stopped: "stopped"
        case .degraded: "degraded"
        }
    }
}

extension EndpointDefinition {
    /// The value of a label; `nil` when there is none of that name.
    fileprivate func label(_ name: String) -> String? {
        labels.first { $0.name == name }?.value
    }
}

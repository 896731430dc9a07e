import CaptureFilter
import HTTPMessage
import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// Reads what a user asks of an endpoint; what is left out comes from the role's preset.
enum EndpointReader {
    static let maximumRules = 64
    static let maximumReplies = 16
    static let maximumOpenings = 64
    static let maximumLabelLength = 256

    /// `nil` when the role is not known, which is reported.
    static func definition(_ reader: FieldReader) -> EndpointDefinition? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        object.ignore("state", "reason", "cursor", "warnings", "counters", "createdAt", "startedAt")

        let role = object["role"]?.choice(EndpointRole.self)
        if role == nil, object["role"] == nil {
            object.violations.add(
                "is missing, must be \"server\" or \"client\"", at: object.pointer.appending("role"))
        }
        // Read as a server when the role is wrong, so that the rest is checked all the same.
        var definition = EndpointDefinition(preset: role ?? .server)
        definition.id = object["id"].flatMap(identifier)
        definition.domain = object["domain"]?.choice(SocketDomain.self) ?? definition.domain
        definition.trigger = object["trigger"]?.choice(EpollTrigger.self) ?? definition.trigger
        definition.socket = object["socket"]?.choice(SocketKind.self) ?? definition.socket
        definition.namespace = object["namespace"].flatMap(namespace)
        definition.guardChoice = object["guard"].map(guardChoice) ?? definition.guardChoice
        if let local = object["local"]?.object() {
            definition.local = address(local, otherwise: definition.local, ports: 0...65535)
        }
        if object.isNull("remote") {
            definition.remote = nil
            if definition.role == .client {
                object.violations.add("a client needs a remote", at: object.pointer.appending("remote"))
            }
        } else if let remote = object["remote"]?.object() {
            definition.remote = address(
                remote, otherwise: EndpointDefinition(preset: definition.role).remote ?? definition.local,
                ports: 1...65535)
        }
        definition.opening = object["opening"].map(opening) ?? definition.opening
        definition.rules = object["rules"].map(rules) ?? definition.rules
        readPace(object, of: &definition)
        definition.labels = object["labels"].map(labels) ?? []
        definition.startsAtOnce = object["start"]?.bool() ?? true
        definition.filter = object["filter"]?.captureFilter()
        return role == nil ? nil : definition
    }

    /// Lets a preset's pace and limit be changed without writing its rule.
    private static func readPace(_ object: ObjectReader, of definition: inout EndpointDefinition) {
        let pace = object["pace"]
        let limit = object["limit"]
        guard object["rules"] == nil else {
            for field in [pace, limit] {
                field?.report("is for the preset's rule; with rules of your own, give it in each")
            }
            return
        }
        let nanoseconds = pace?.duration()
        let count = limit?.integer(in: 0...Int.max)
        for index in definition.rules.indices {
            definition.rules[index].paceNanoseconds = nanoseconds ?? definition.rules[index].paceNanoseconds
            definition.rules[index].limit = count ?? definition.rules[index].limit
        }
    }

    private static func identifier(_ reader: FieldReader) -> String? {
        guard let id = reader.string() else { return nil }
        let others = [UInt8](".-_".utf8)
        let isValid =
            (1...64).contains(id.utf8.count) && id.utf8.first.map(isAlphanumeric) == true
            && id.utf8.allSatisfy { isAlphanumeric($0) || others.contains($0) }
        guard isValid else {
            reader.report(
                "\"\(id.prefix(64))\" is not 1 to 64 letters, digits, '.', '_' or '-' that begin with a letter or digit"
            )
            return nil
        }
        return id
    }

    private static func namespace(_ reader: FieldReader) -> String? {
        guard let name = reader.string() else { return nil }
        guard NetworkNamespace.isName(name) else {
            reader.report(
                "\"\(name.prefix(64))\" is no name of a network namespace: 1 to "
                    + "\(NetworkNamespace.maximumNameLength) octets without '/' and control characters, not '.' or '..'"
            )
            return nil
        }
        return name
    }

    private static func isAlphanumeric(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }

    private static func address(
        _ object: ObjectReader, otherwise preset: TransportAddress, ports: ClosedRange<Int>
    ) -> TransportAddress {
        defer { object.reportUnknown() }
        let address = object["address"]?.address() ?? preset.address
        let port = object["port"]?.integer(in: ports).map { UInt16($0) } ?? preset.port
        return TransportAddress(address: address, port: port)
    }

    private static func guardChoice(_ reader: FieldReader) -> GuardChoice {
        var choice = reader
        if case .object = reader.value, let object = reader.object() {
            defer { object.reportUnknown() }
            object.ignore("active", "better")
            guard let wanted = object["wanted"] else { return .automatic }
            choice = wanted
        }
        guard let name = choice.string(), name != "auto" else { return .automatic }
        guard let kind = KernelGuard(rawValue: name) else {
            choice.reportUnknown(name, among: ["auto"] + KernelGuard.allCases.map(\.rawValue))
            return .automatic
        }
        return .exactly(kind)
    }

    private static func opening(_ reader: FieldReader) -> [SegmentTemplate] {
        segments(reader, upTo: maximumOpenings, with: SegmentReader(answers: false))
    }

    private static func segments(
        _ reader: FieldReader, upTo limit: Int, with segmentReader: SegmentReader
    ) -> [SegmentTemplate] {
        reader.array(upTo: limit)?.map(segmentReader.segment) ?? []
    }

    private static func rules(_ reader: FieldReader) -> [Rule] {
        reader.array(upTo: maximumRules)?.compactMap(rule) ?? []
    }

    private static func rule(_ reader: FieldReader) -> Rule? {
        guard let object = reader.object() else { return nil }
        defer { object.reportUnknown() }
        let preset: UInt64 = 100_000_000
        return Rule(
            name: object["name"]?.string(), match: object["match"].map(match) ?? SegmentMatch(),
            reply: object["reply"].map {
                segments($0, upTo: maximumReplies, with: SegmentReader(answers: true))
            } ?? [],
            paceNanoseconds: object["pace"]?.duration() ?? preset,
            limit: object["limit"]?.integer(in: 0...Int.max))
    }

    private static func match(_ reader: FieldReader) -> SegmentMatch {
        var match = SegmentMatch()
        guard let object = reader.object() else { return match }
        defer { object.reportUnknown() }
        match.flags = object["flags"]?.flags() ?? []
        match.withoutFlags = object["withoutFlags"]?.flags() ?? []
        match.payloadLength = object["payloadLength"].map(length) ?? match.payloadLength
        match.payloadContains = object["payloadContains"].map(PayloadReader.octets) ?? []
        match.filter = object["filter"]?.captureFilter()
        return match
    }

    /// A length, or a range of lengths whose ends may be left out.
    private static func length(_ reader: FieldReader) -> ClosedRange<Int> {
        let any = 0...PayloadReader.maximumLength
        guard case .object = reader.value, let object = reader.object() else {
            return reader.integer(in: any).map { $0...$0 } ?? SegmentMatch.anyLength
        }
        defer { object.reportUnknown() }
        let from = object["from"]?.integer(in: any) ?? 0
        let to = object["to"]?.integer(in: any)
        guard from <= to ?? from else {
            reader.report("from \(from) to \(to ?? from) is no length")
            return SegmentMatch.anyLength
        }
        return from...(to ?? Int.max)
    }

    private static func labels(_ reader: FieldReader) -> [EndpointDefinition.Label] {
        guard case .object(let object) = reader.value else {
            reader.report("is \(reader.value.typeName), must be an object of strings")
            return []
        }
        guard object.members.count <= EndpointDefinition.maximumLabels else {
            reader.report("has \(object.members.count) labels, may have \(EndpointDefinition.maximumLabels)")
            return []
        }
        return object.members.compactMap { member in
            let field = FieldReader(
                value: member.value, pointer: reader.pointer.appending(member.key), violations: reader.violations)
            guard let value = field.string() else { return nil }
            guard member.key.utf8.count <= maximumLabelLength, value.utf8.count <= maximumLabelLength else {
                field.report("a label's name and value have at most \(maximumLabelLength) octets each")
                return nil
            }
            return EndpointDefinition.Label(name: member.key, value: value)
        }
    }
}

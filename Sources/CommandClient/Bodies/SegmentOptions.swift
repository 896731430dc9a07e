import ArgumentParser
import JSONText

/// The segment that is to be sent, field by field; what is left out the service works out.
struct SegmentOptions: ParsableArguments {
    @Option(
        help: .init("Such as SYN,ACK; 'none' for none.", valueName: "flags"), completion: .list(FlagNames.all),
        transform: FlagNames.parse)
    var flags: [String]?

    @Option(help: .init("In decimal or 0x…, as all numbers here.", valueName: "n"), transform: Number.long)
    var sequenceNumber: Int?

    @Option(help: .init("What it acknowledges.", valueName: "n"), transform: Number.long)
    var acknowledgmentNumber: Int?

    @Option(help: .init("As on the wire, unscaled.", valueName: "n"), transform: Number.word)
    var window: Int?

    @Option(help: .init("Of use with URG.", valueName: "n"), transform: Number.word)
    var urgentPointer: Int?

    @Option(help: .init("Instead of the endpoint's own.", valueName: "port"), transform: Number.word)
    var sourcePort: Int?

    @Option(help: .init("Instead of its remote's.", valueName: "port"), transform: Number.word)
    var destinationPort: Int?

    @Option(help: .init("In 32-bit words; may lie.", valueName: "n"), transform: Number.nibble)
    var dataOffset: Int?

    @Option(help: .init("The four between data offset and flags.", valueName: "n"), transform: Number.nibble)
    var reservedBits: Int?

    @Option(
        help: .init("A number, 'correct' or 'incorrect'.", valueName: "checksum"),
        completion: .list(["correct", "incorrect"]), transform: Self.parseChecksum)
    var checksum: JSONValue?

    @Option(
        name: .customLong("option"),
        help: .init(
            "A TCP option, repeatable, such as maximumSegmentSize=1460, windowScale=7, sackPermitted, "
                + "timestamps=1:0, noOperation, or KIND=HEX.", valueName: "option"),
        completion: .list(TCPOptionText.names), transform: TCPOptionText.parse)
    var tcpOptions: [JSONValue] = []

    @Option(help: .init("The payload as text.", valueName: "text"))
    var payload: String?

    @Option(help: .init("The payload in hex.", valueName: "hex"))
    var payloadHex: String?

    @Option(help: .init("So many random octets as payload.", valueName: "octets"), transform: Number.word)
    var payloadLength: Int?

    @Option(name: .customLong("ttl"), help: .init("Time to live.", valueName: "n"), transform: Number.octet)
    var timeToLive: Int?

    @Option(help: .init("An IPv4 address to send from.", valueName: "address"))
    var source: String?

    @Option(help: .init("An IPv4 address to send to.", valueName: "address"))
    var destination: String?

    @Option(help: .init("Let only so many octets of the segment leave.", valueName: "octets"), transform: Number.word)
    var truncate: Int?

    @Option(help: .init("Send it so many times.", valueName: "n"), transform: Number.count)
    var `repeat`: Int?

    @Option(help: .init("With --repeat: the time between two.", valueName: "duration"), transform: WaitTime.parse)
    var interval: WaitTime?

    @Option(help: .init("With --repeat: how many a second.", valueName: "n"), transform: Self.parseRate)
    var rate: Int?

    @Option(
        name: .customLong("set"),
        help: .init(
            "Any other field of the API by its path, repeatable: --set ip.dscp=8. Values are JSON, or else text.",
            valueName: "field=value"), transform: Assignment.parse)
    var assignments: [Assignment] = []

    func validate() throws {
        let payloads = [
            ("--payload", payload != nil), ("--payload-hex", payloadHex != nil),
            ("--payload-length", payloadLength != nil),
        ].filter(\.1)
        guard payloads.count <= 1 else {
            throw ValidationError("\(payloads[0].0) and \(payloads[1].0) exclude each other")
        }
        guard interval == nil || rate == nil else { throw ValidationError("--interval and --rate exclude each other") }
        guard `repeat` != nil || (interval == nil && rate == nil) else {
            throw ValidationError("\(rate == nil ? "--interval" : "--rate") is of use with --repeat only")
        }
    }

    /// Puts what the options say into a segment.
    func apply(to segment: inout JSONObject) {
        segment.set("flags", flags.map { .array($0.map(JSONValue.string)) })
        segment.set("sequenceNumber", Number.json(sequenceNumber))
        segment.set("acknowledgmentNumber", Number.json(acknowledgmentNumber))
        segment.set("window", Number.json(window))
        segment.set("urgentPointer", Number.json(urgentPointer))
        segment.set("sourcePort", Number.json(sourcePort))
        segment.set("destinationPort", Number.json(destinationPort))
        segment.set("dataOffset", Number.json(dataOffset))
        segment.set("reservedBits", Number.json(reservedBits))
        segment.set("checksum", checksum)
        if !tcpOptions.isEmpty { segment.set("options", .array(tcpOptions)) }
        segment.set("payload", payload.map(JSONValue.string))
        segment.set("payload", payloadHex.map { .object(["hex": .string($0)]) })
        segment.set("payload", Number.json(payloadLength).map { .object(["length": $0, "random": .number(1)]) })
        if let timeToLive { segment.set(["ip", "timeToLive"], .number(JSONNumber(timeToLive))) }
        if let source { segment.set(["ip", "source"], .string(source)) }
        if let destination { segment.set(["ip", "destination"], .string(destination)) }
        segment.set("truncate", Number.json(truncate))
        if let count = `repeat` { segment.set(["repeat", "count"], .number(JSONNumber(count))) }
        if let interval { segment.set(["repeat", "interval"], .string(interval.text)) }
        if let rate { segment.set(["repeat", "rate"], .string("\(rate)/s")) }
        for assignment in assignments { segment.set(assignment.path, assignment.value) }
    }

    /// The options that pointers into a segment stand for.
    var places: [String: String] {
        let names = [
            ("/flags", "--flags"), ("/sequenceNumber", "--sequence-number"),
            ("/acknowledgmentNumber", "--acknowledgment-number"), ("/window", "--window"),
            ("/urgentPointer", "--urgent-pointer"), ("/sourcePort", "--source-port"),
            ("/destinationPort", "--destination-port"), ("/dataOffset", "--data-offset"),
            ("/reservedBits", "--reserved-bits"), ("/checksum", "--checksum"), ("/options", "--option"),
            ("/payload", "--payload"), ("/payload/hex", "--payload-hex"), ("/payload/length", "--payload-length"),
            ("/ip/timeToLive", "--ttl"), ("/ip/source", "--source"), ("/ip/destination", "--destination"),
            ("/truncate", "--truncate"), ("/repeat/count", "--repeat"), ("/repeat/interval", "--interval"),
            ("/repeat/rate", "--rate"),
        ]
        let set = Set(assignments.map { "/" + $0.path.joined(separator: "/") })
        return Dictionary(
            uniqueKeysWithValues: names.filter { !set.contains($0.0) }.map { ($0.0, "\($0.1) (\($0.0))") })
    }

    private static func parseChecksum(_ argument: String) throws -> JSONValue {
        if argument == "correct" || argument == "incorrect" { return .string(argument) }
        guard let number = try? Number.word(argument) else {
            throw ValidationError("'\(argument)' is neither in 0…65535 nor 'correct' nor 'incorrect'")
        }
        return .number(JSONNumber(number))
    }

    private static func parseRate(_ argument: String) throws -> Int {
        let number = argument.hasSuffix("/s") ? String(argument.dropLast(2)) : argument
        return try Number.parse(number, in: 1...1_000_000_000)
    }
}

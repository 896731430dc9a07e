import ArgumentParser
import JSONText

/// The endpoint that is to be made; what is left out is the role's preset.
struct EndpointOptions: ParsableArguments {
    static let roles = ["server", "client"]
    private static let guards = ["auto", "listener", "md5", "nftables", "none"]

    @Option(help: .init("Its name; made where none is given.", valueName: "id"))
    var id: String?

    @Option(
        help: .init("ADDRESS:PORT of its own, or one of both; port 0 takes a free one.", valueName: "address"),
        transform: AddressText.parse)
    var local: AddressText?

    @Option(help: .init("The same of its peer, or 'any'.", valueName: "address"), transform: AddressText.parseRemote)
    var remote: AddressText?

    @Option(
        help: .init("What it receives: a pcap filter expression.", valueName: "expression"))
    var filter: String?

    @Option(
        name: .customLong("guard"),
        help: .init(
            "What keeps the kernel quiet: \(Self.guards.joined(separator: ", ")).", valueName: "guard"),
        completion: .list(Self.guards), transform: { try Self.choice($0, of: Self.guards) })
    var guardChoice: String?

    @Option(
        help: .init("level or edge.", valueName: "trigger"), completion: .list(["level", "edge"]),
        transform: { try Self.choice($0, of: ["level", "edge"]) })
    var trigger: String?

    @Option(
        help: .init("shared or own.", valueName: "socket"), completion: .list(["shared", "own"]),
        transform: { try Self.choice($0, of: ["shared", "own"]) })
    var socket: String?

    @Option(help: .init("A network namespace of /run/netns.", valueName: "name"))
    var namespace: String?

    @Option(
        help: .init("The pace of the preset's answers; 0s, at once.", valueName: "duration"),
        transform: WaitTime.parse)
    var pace: WaitTime?

    @Option(
        help: .init("How many answers the preset's rule gives.", valueName: "n"),
        transform: { try Number.parse($0, in: 0...Int.max) })
    var limit: Int?

    @Option(
        name: .customLong("label"), help: .init("A label, repeatable.", valueName: "name=value"),
        transform: Self.parseLabel)
    var labels: [Assignment] = []

    @Flag(help: "Answer nothing, and open with nothing.")
    var quiet = false

    @Flag(help: "Make it and do not start it yet.")
    var stopped = false

    @Option(
        name: .customLong("set"),
        help: .init(
            "Any other member of the API by its path, repeatable. Values are JSON, or else text.",
            valueName: "field=value"), transform: Assignment.parse)
    var assignments: [Assignment] = []

    /// Puts what the options say into an endpoint.
    func apply(to endpoint: inout JSONObject) {
        endpoint.set("id", id.map(JSONValue.string))
        endpoint.set("local", local?.value)
        endpoint.set("remote", remote?.value)
        endpoint.set("filter", filter.map(JSONValue.string))
        endpoint.set("guard", guardChoice.map(JSONValue.string))
        endpoint.set("trigger", trigger.map(JSONValue.string))
        endpoint.set("socket", socket.map(JSONValue.string))
        endpoint.set("namespace", namespace.map(JSONValue.string))
        endpoint.set("pace", pace.map { .string($0.text) })
        endpoint.set("limit", Number.json(limit))
        for label in labels { endpoint.set(label.path, label.value) }
        if quiet {
            endpoint.set("rules", .array([]))
            endpoint.set("opening", .array([]))
        }
        if stopped { endpoint.set("start", .bool(false)) }
        for assignment in assignments { endpoint.set(assignment.path, assignment.value) }
    }

    /// The options that pointers into an endpoint stand for.
    var places: [String: String] {
        var places: [String: String] = [:]
        for name in ["id", "local", "remote", "filter", "guard", "trigger", "socket", "namespace", "pace", "limit"] {
            places["/\(name)"] = "--\(name) (/\(name))"
        }
        for name in ["local", "remote"] {
            for part in ["address", "port"] { places["/\(name)/\(part)"] = "--\(name) (/\(name)/\(part))" }
        }
        return places
    }

    static func choice(_ argument: String, of choices: [String]) throws -> String {
        guard choices.contains(argument) else {
            throw ValidationError("'\(argument)' is none of \(choices.joined(separator: ", "))")
        }
        return argument
    }

    private static func parseLabel(_ argument: String) throws -> Assignment {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        guard parts.count == 2, !parts[0].isEmpty else {
            throw ValidationError("'\(argument)' is not NAME=VALUE")
        }
        return Assignment(path: ["labels", parts[0]], value: .string(parts[1]))
    }
}

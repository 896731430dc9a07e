import ArgumentParser
import JSONText

/// Makes an endpoint, or those that a file has.
struct CreateEndpoint: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Create an endpoint and start it.",
        usage: "segmentd endpoints create [<role>] [<options>]",
        discussion: "The answer comes when it is armed: from then on it misses nothing.")

    @Argument(
        help: .init("server or client.", valueName: "role"), completion: .list(EndpointOptions.roles),
        transform: { try EndpointOptions.choice($0, of: EndpointOptions.roles) })
    var role: String?

    @Option(
        help: .init(
            "Its JSON, or a list of several; '-' is standard input. Options change what it says.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var input: String?

    @OptionGroup(title: "Endpoint") var endpoint: EndpointOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func validate() throws {
        guard role != nil || input != nil else {
            throw ValidationError("a role is wanted, server or client, or --input FILE")
        }
    }

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("POST", "endpoints")
        let body = try Input.body(input) { object in
            object.set("role", role.map(JSONValue.string))
            endpoint.apply(to: &object)
        }
        request.carry(body)
        let answer = try client.ask(request, places: input == nil ? endpoint.places : [:])
        if screen.format == .json {
            try screen.show(answer)
            return .success
        }
        let several = answer.json["endpoints"]?.elements ?? [answer.json]
        try screen.show(EndpointTable.table(several))
        let warnings = several.flatMap { endpoint in
            (endpoint["warnings"] ?? .null).elements.map { "\(endpoint["id"]?.plain ?? "-"): \($0.plain)" }
        }
        try screen.show(warnings.map { screen.toned(PlainText.safe($0), .warning) })
        return .success
    }
}

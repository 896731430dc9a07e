import ArgumentParser
import JSONText

/// Changes rules, filter and labels of an endpoint.
struct ChangeEndpoint: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "change", abstract: "Change rules, filter or labels while it runs.",
        usage: "segmentd endpoints change <endpoint> [<options>]")

    @Argument(help: .init("Its name.", valueName: "endpoint"), completion: EndpointNames.completion)
    var endpoint: String

    @Option(
        help: .init("A JSON merge patch; '-' is standard input.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var input: String?

    @Option(
        name: .customLong("set"),
        help: .init(
            "A member by its path, repeatable: --set labels.ticket=null --set 'rules=[]'. Values are JSON, or else "
                + "text.", valueName: "field=value"), transform: Assignment.parse)
    var assignments: [Assignment] = []

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func validate() throws {
        guard input != nil || !assignments.isEmpty else {
            throw ValidationError("nothing is to be changed: give --set FIELD=VALUE or --input FILE")
        }
    }

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("PATCH", "endpoints", endpoint)
        let change = try Input.body(input) { object in
            for assignment in assignments { object.set(assignment.path, assignment.value) }
        }
        request.body = (change.octets, .mergePatch)
        let answer = try client.ask(request)
        if screen.format == .json { try screen.show(answer) } else { try screen.show(Facts.table(answer.json)) }
        return .success
    }
}

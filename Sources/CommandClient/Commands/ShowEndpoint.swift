import ArgumentParser

/// One endpoint, with all that there is to know.
struct ShowEndpoint: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show all about an endpoint.",
        usage: "segmentd endpoints show <endpoint> [<options>]")

    @Argument(help: .init("Its name.", valueName: "endpoint"), completion: EndpointNames.completion)
    var endpoint: String

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answer = try client.ask(ClientRequest("GET", "endpoints", endpoint))
        if screen.format == .json { try screen.show(answer) } else { try screen.show(Facts.table(answer.json)) }
        return .success
    }
}

import ArgumentParser

/// Removes endpoints.
struct DeleteEndpoints: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Stop and remove endpoints, and show how they ended.",
        usage: "segmentd endpoints delete <endpoint> ... [<options>]")

    @Argument(help: .init("Their names.", valueName: "endpoint"), completion: EndpointNames.completion)
    var endpoints: [String]

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let requests = endpoints.map { ClientRequest("DELETE", "endpoints", $0) }
        let answers = try SeveralAnswers.ask(requests, client, on: screen)
        if screen.format == .table { try screen.show(EndpointTable.table(answers)) }
        return .success
    }
}

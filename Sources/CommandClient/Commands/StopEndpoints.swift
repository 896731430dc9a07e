import ArgumentParser

/// Stops endpoints.
struct StopEndpoints: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Stop endpoints; they can be started again.",
        usage: "segmentd endpoints stop <endpoint> ... [<options>]")

    @Argument(help: .init("Their names.", valueName: "endpoint"), completion: EndpointNames.completion)
    var endpoints: [String]

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let requests = endpoints.map { ClientRequest("POST", "endpoints", $0, "stop") }
        let answers = try SeveralAnswers.ask(requests, client, on: screen)
        if screen.format == .table { try screen.show(EndpointTable.table(answers)) }
        return .success
    }
}

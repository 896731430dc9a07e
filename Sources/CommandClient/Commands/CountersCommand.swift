import ArgumentParser

/// What was counted.
struct CountersCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "counters", abstract: "Show what was counted, in all or of one endpoint.",
        usage: "segmentd counters [<endpoint>] [<options>]")

    @Argument(
        help: .init("One endpoint; without it, all of them.", valueName: "endpoint"),
        completion: EndpointNames.completion)
    var endpoint: String?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let request = endpoint.map { ClientRequest("GET", "endpoints", $0, "counters") }
        let answer = try client.ask(request ?? ClientRequest("GET", "counters"))
        if screen.format == .json {
            try screen.show(answer)
        } else if endpoint != nil {
            try screen.show(Facts.table(answer.json))
        } else {
            try screen.show(CounterTable.table(answer.json))
        }
        return .success
    }
}

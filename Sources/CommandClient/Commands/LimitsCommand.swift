import ArgumentParser

/// Every bound that the service has.
struct LimitsCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits", abstract: "Show the bounds of the service.",
        usage: "segmentd limits [<options>]")

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answer = try client.ask(ClientRequest("GET", "limits"))
        if screen.format == .json { try screen.show(answer) } else { try screen.show(Facts.table(answer.json)) }
        return .success
    }
}

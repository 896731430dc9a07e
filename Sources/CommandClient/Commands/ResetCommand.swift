import ArgumentParser

/// Has the service begin anew.
struct ResetCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Stop and remove everything, and empty the ring.",
        usage: "segmentd reset [<options>]")

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answer = try client.ask(ClientRequest("POST", "reset"))
        if screen.format == .json { try screen.show(answer) } else { try screen.show(Facts.table(answer.json)) }
        return .success
    }
}

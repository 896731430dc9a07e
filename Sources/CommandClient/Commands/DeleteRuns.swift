import ArgumentParser

/// Ends runs, or forgets them.
struct DeleteRuns: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Cancel those that are live, forget those that have ended.",
        usage: "segmentd runs delete <run> ... [<options>]")

    @Argument(help: .init("Their names, such as r1.", valueName: "run"))
    var runs: [String]

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answers = try SeveralAnswers.ask(runs.map { ClientRequest("DELETE", "runs", $0) }, client, on: screen)
        // Those that are forgotten have nothing more to say.
        let cancelled = answers.filter { $0["id"] != nil }
        if screen.format == .table, !cancelled.isEmpty { try screen.show(RunTable.table(cancelled)) }
        return .success
    }
}

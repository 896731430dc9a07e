import ArgumentParser

/// One run, step by step.
struct ShowRun: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a run step by step, with its verdict.",
        usage: "segmentd runs show <run> [<options>]",
        discussion: "The exit status says the verdict, as that of 'segmentd run'.")

    @Argument(help: .init("Its name, such as r1.", valueName: "run"))
    var run: String

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answer = try client.ask(ClientRequest("GET", "runs", run))
        if screen.format == .json {
            try screen.show(answer)
        } else {
            try screen.show(RunTable.steps(answer.json))
            try screen.show(RunTable.conclusion(answer.json, on: screen))
        }
        return RunTable.status(of: answer.json)
    }
}

import ArgumentParser
import JSONText

/// Executes a scenario, and ends with its verdict.
struct RunCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Execute a scenario; the exit status says the verdict.",
        usage: "segmentd run <scenario> [<options>]",
        discussion: "Ends with 0 when it is satisfied, with 1 when it is not, and with 2 when it is inconclusive, was "
            + "cancelled or has not ended in time. Ctrl-C cancels it.")

    @Argument(
        help: .init("Its JSON; '-' is standard input.", valueName: "scenario"),
        completion: .file(extensions: ["json"]))
    var scenario: String

    @Option(
        help: .init(
            "How long it may take; it goes on without us then. (default: until it ends)", valueName: "duration"),
        transform: WaitTime.parse)
    var wait: WaitTime?

    @Option(
        help: .init("Write the result as JUnit XML, too; '-' is standard output, instead of JSON.", valueName: "file"),
        completion: .file(extensions: ["xml"]))
    var junit: String?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("POST", "runs")
        request.carry(try InputFile.json(scenario, named: "the scenario"))
        let interruption = try Interruption()
        let begun = try client.ask(request)
        guard let id = begun.json["id"]?.string else {
            throw ClientFailure(.unreachable, "this is no answer of segmentd: the run has no id")
        }
        let answer = try RunWatch(client: client, run: id, patience: wait)
            .end(showing: ProgressLine(on: screen), until: interruption)
        if let junit { try write(junit, of: id, client) }
        if screen.format == .json {
            if junit != "-" { try screen.show(answer) }
        } else {
            try screen.show(RunTable.steps(answer.json))
            try screen.show(RunTable.conclusion(answer.json, on: screen))
        }
        return RunTable.status(of: answer.json)
    }

    private func write(_ path: String, of id: String, _ client: ServiceClient) throws(ClientFailure) {
        var request = ClientRequest("GET", "runs", id)
        request.accept = "application/xml"
        var file = OutputFile(path: path, named: "--junit")
        try file.write(try client.ask(request).octets)
    }
}

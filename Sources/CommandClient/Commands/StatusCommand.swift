import ArgumentParser
import JSONText

/// Whether the service can work; a health check for containers.
struct StatusCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show whether the service can work; a health check.",
        usage: "segmentd status [<options>]",
        discussion: "Ends with 0 when it is ready, with 1 when it is not, and with 4 when it does not answer.")

    @Flag(name: [.short, .long], help: "Write nothing when it is ready; only the exit status counts.")
    var quiet = false

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let answer = try client.exchange(ClientRequest("GET", "readyz"))
        let isReady = answer.status == 200
        // Without checks it is no answer to the question: the service is starting, or wants a token.
        guard isReady || answer.json["checks"] != nil else {
            _ = try client.checked(answer)
            return .unsatisfied
        }
        guard isReady || !quiet else {
            throw ClientFailure(.unsatisfied, ProblemText.lines(answer.json, status: answer.status))
        }
        if !quiet {
            if screen.format == .json { try screen.show(answer) } else { try show(answer, client, on: screen) }
        }
        return isReady ? .success : .unsatisfied
    }

    private func show(_ answer: ClientAnswer, _ client: ServiceClient, on screen: Screen) throws(ClientFailure) {
        let version = try client.ask(ClientRequest("GET", "version")).json
        let isReady = answer.status == 200
        let state = screen.toned(isReady ? "ready" : "not ready", isReady ? .good : .bad)
        try screen.show(["segmentd \(version["version"]?.plain ?? "-") at \(client.place): \(state)", ""])
        var table = Table([
            .init(title: "CHECK"), .init(title: "OK"), .init(title: "DETAIL", leastWidth: 24),
        ])
        for check in (answer.json["checks"] ?? .null).elements {
            let isOK = check["ok"]?.bool == true
            table.rows.append([
                .init(check["name"]?.plain ?? "-"), .init(isOK ? "yes" : "no", isOK ? .good : .warning),
                .init([check["detail"]?.plain, check["remedy"]?.plain].compactMap(\.self).joined(separator: "; ")),
            ])
        }
        try screen.show(table)
    }
}

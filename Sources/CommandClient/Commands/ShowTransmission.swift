import ArgumentParser

/// How far a transmission has come.
struct ShowTransmission: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show how far one has come, or wait for its end.",
        usage: "segmentd transmissions show <transmission> [<options>]",
        discussion:
            "With --wait it ends with 0 when all have left, with 1 when some have not, with 2 when the time was up.")

    @Argument(help: .init("Its name, such as t7.", valueName: "transmission"))
    var transmission: String

    @Option(help: .init("Wait so long for its end.", valueName: "duration"), transform: WaitTime.parse)
    var wait: WaitTime?

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("GET", "transmissions", transmission)
        request.hold(wait)
        return try TransmissionResult.show(try client.ask(request), on: screen, waited: wait != nil)
    }
}

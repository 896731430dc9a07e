import ArgumentParser

/// Has the service send no more of transmissions.
struct CancelTransmissions: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Send no more of them.",
        usage: "segmentd transmissions cancel <transmission> ... [<options>]")

    @Argument(help: .init("Their names, such as t7.", valueName: "transmission"))
    var transmissions: [String]

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let requests = transmissions.map { ClientRequest("DELETE", "transmissions", $0) }
        let answers = try SeveralAnswers.ask(requests, client, on: screen)
        if screen.format == .table { try screen.show(TransmissionTable.table(answers)) }
        return .success
    }
}

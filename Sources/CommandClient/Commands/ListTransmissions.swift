import ArgumentParser

/// The transmissions that are remembered.
struct ListTransmissions: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the transmissions that are remembered.",
        usage: "segmentd transmissions [list] [<options>]")

    @OptionGroup var page: PageOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        try page.show("transmissions", client, on: screen, as: TransmissionTable.table)
    }
}

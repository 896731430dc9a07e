import ArgumentParser

/// The runs that are remembered.
struct ListRuns: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the runs that are remembered.",
        usage: "segmentd runs [list] [<options>]")

    @OptionGroup var page: PageOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        try page.show("runs", client, on: screen, as: RunTable.table)
    }
}

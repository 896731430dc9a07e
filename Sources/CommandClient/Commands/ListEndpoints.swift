import ArgumentParser

/// The endpoints that there are.
struct ListEndpoints: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show the endpoints that there are.",
        usage: "segmentd endpoints [list] [<options>]")

    @OptionGroup var page: PageOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        try page.show("endpoints", client, on: screen, as: EndpointTable.table)
    }
}

import ArgumentParser

/// What there is to do with endpoints.
struct EndpointsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints", abstract: "List, create, change, start, stop, delete endpoints.",
        subcommands: [
            ListEndpoints.self, ShowEndpoint.self, CreateEndpoint.self, ChangeEndpoint.self, StartEndpoints.self,
            StopEndpoints.self, DeleteEndpoints.self,
        ],
        defaultSubcommand: ListEndpoints.self)
}

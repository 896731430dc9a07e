import ArgumentParser

/// What there is to do with endpoints.
struct EndpointsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "endpoints", abstract: "List, create, change, start, stop, delete endpoints.",
        usage: "segmentd endpoints [<subcommand>] [<options>]",
        subcommands: [
            ListEndpoints.self, ShowEndpoint.self, CreateEndpoint.self, ChangeEndpoint.self, StartEndpoints.self,
            StopEndpoints.self, DeleteEndpoints.self,
        ],
        defaultSubcommand: ListEndpoints.self)
}

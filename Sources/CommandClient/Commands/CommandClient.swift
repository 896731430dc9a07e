package import ArgumentParser

/// The subcommands that ask a service, by what they are about.
package enum CommandClient {
    package static let groups: [CommandGroup] = [
        CommandGroup(
            name: "Endpoint and segment",
            subcommands: [
                EndpointsCommand.self, SendCommand.self, ReplayCommand.self, TransmissionsCommand.self,
                SegmentsCommand.self, CaptureCommand.self, CountersCommand.self,
            ]),
        CommandGroup(name: "Scenario", subcommands: [RunCommand.self, RunsCommand.self]),
    ]

    /// Those about the service itself.
    package static let operations: [any ParsableCommand.Type] = [
        StatusCommand.self, LimitsCommand.self, ResetCommand.self,
    ]
}

import ArgumentParser

/// What became of what was to be sent.
struct TransmissionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transmissions", abstract: "List, wait for and cancel what is being sent.",
        usage: "segmentd transmissions [<subcommand>] [<options>]",
        subcommands: [ListTransmissions.self, ShowTransmission.self, CancelTransmissions.self],
        defaultSubcommand: ListTransmissions.self)
}

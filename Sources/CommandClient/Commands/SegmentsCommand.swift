import ArgumentParser

/// What was received and sent lately.
struct SegmentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segments", abstract: "Show recent segments, or follow them as they come.",
        usage: "segmentd segments [<subcommand>] [<options>]",
        subcommands: [ListSegments.self, ShowSegment.self], defaultSubcommand: ListSegments.self)
}

import ArgumentParser

/// Runs that there are, and were.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "List runs, show one, cancel or forget them.",
        usage: "segmentd runs [<subcommand>] [<options>]",
        subcommands: [ListRuns.self, ShowRun.self, DeleteRuns.self], defaultSubcommand: ListRuns.self)
}

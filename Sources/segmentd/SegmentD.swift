import ArgumentParser
import CommandClient

/// The program: a daemon that plays raw TCP endpoints, and a client of its HTTP API.
@main
struct SegmentD: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "segmentd",
        abstract: "Plays raw TCP endpoints, driven over HTTP and JSON.",
        usage: """
            segmentd [serve] [--listen <address:port>] [--allow-egress <cidr>] ...
            segmentd <subcommand> [<option> ...]
            """,
        version: BuildInformation.version,
        subcommands: [Serve.self] + CommandClient.operations,
        groupedSubcommands: CommandClient.groups,
        defaultSubcommand: Serve.self)

    static func main() {
        guard let word = UnknownSubcommand(CommandLine.arguments.dropFirst()) else { return main(nil) }
        exit(withError: word.error)
    }
}

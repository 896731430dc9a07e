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
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let word = UnknownSubcommand(arguments) { exit(withError: word.error) }
        guard let serve = serve(arguments) else { return main(arguments) }
        do {
            try serve.run()
        } catch {
            exit(withError: error)
        }
    }

    /// The daemon's own subcommand, where the arguments are right and for it alone.
    ///
    /// Only it is then worked out. All subcommands with their options would take as long as everything else before the
    /// daemon's first answer. Help, completions and what is wrong are left to the whole program, which can tell.
    private static func serve(_ arguments: [String]) -> Serve? {
        let isNamed = arguments.first == Serve.configuration.commandName
        guard isNamed || arguments.first?.hasPrefix("-") ?? true else { return nil }
        return try? Serve.parse(Array(isNamed ? arguments.dropFirst() : arguments[...]))
    }
}

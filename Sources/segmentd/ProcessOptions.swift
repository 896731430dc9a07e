import ArgumentParser

/// What the process keeps, gives up and tells.
struct ProcessOptions: ParsableArguments {
    @Option(
        help: .init(
            "A privilege to give up at the start, and what needs it: net-admin (guards listener and nftables, receive "
                + "buffers above net.core.rmem_max), namespaces, port-holders (their names); repeatable.",
            valueName: "privilege"))
    var without: [OptionalPrivilege] = []

    @Option(
        help: .init(
            "The file that keeps endpoints and runs across restarts, made when it is not there.", valueName: "file"),
        completion: .file())
    var state: String?

    @Option(help: .init("What is logged on standard error.", valueName: "level"))
    var logLevel = LogLevel.info

    /// How much is logged.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case debug, info, warning, error
    }

    mutating func validate() throws {
        if let state, state.isEmpty || state.utf8.count > Self.longestPath {
            throw ValidationError("--state '\(state.prefix(100))': a path has 1 to \(Self.longestPath) octets")
        }
    }

    /// Leaves room for the names beside it.
    private static let longestPath = 4_000
}

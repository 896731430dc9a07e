import ArgumentParser
import JSONText

/// The latest segments, or those to come.
struct ListSegments: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show recent segments, or follow them as they come.",
        usage: "segmentd segments [list] [<options>]",
        discussion: "As JSON, --follow writes a segment a line, and {\"gap\": …} where some are missing.")

    @Flag(name: [.short, .long], help: "Go on with new ones until Ctrl-C.")
    var follow = false

    @Option(
        help: .init("How many at most. (default: 100)", valueName: "n"),
        transform: { try Number.parse($0, in: 1...10_000) })
    var limit: Int?

    @Option(
        help: .init("Wait so long for as many as --count says, new ones without --after.", valueName: "duration"),
        transform: WaitTime.parse)
    var wait: WaitTime?

    @Option(help: .init("With --wait or --follow: how many.", valueName: "n"), transform: Number.count)
    var count: Int?

    @OptionGroup(title: "Which") var selection: SelectionOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func validate() throws {
        guard !follow || (wait == nil && limit == nil) else {
            throw ValidationError("\(wait == nil ? "--limit" : "--wait") is of no use with --follow; --count ends it")
        }
        guard count == nil || follow || wait != nil else {
            throw ValidationError("--count is of use with --wait or --follow only; --limit bounds a list")
        }
    }

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        if follow {
            return try SegmentFollower(screen: screen, count: count).follow(client, selection)
        }
        var request = ClientRequest("GET", "segments")
        selection.apply(to: &request)
        request.ask("limit", limit)
        request.hold(wait)
        request.ask("count", count)
        let answer = try client.ask(request)
        if screen.format == .json {
            try screen.show(answer)
            return .success
        }
        var table = Table(SegmentTable.columns)
        table.rows = (answer.json["segments"] ?? .null).elements.map(SegmentTable.row)
        try screen.show(table)
        try screen.show(Self.notes(answer.json).map { screen.toned($0, .warning) })
        return .success
    }

    /// What is missing, and whether the time was up.
    private static func notes(_ page: JSONValue) -> [String] {
        var notes: [String] = []
        let (kernel, ring) = (page["lost"]?["kernel"]?.integer ?? 0, page["lost"]?["ring"]?.integer ?? 0)
        if kernel > 0 || ring > 0 { notes.append("missing: \(kernel) lost in the kernel, \(ring) gone from the ring") }
        if page["timedOut"]?.bool == true { notes.append("the time was up before as many came as were waited for") }
        return notes
    }
}

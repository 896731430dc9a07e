import ArgumentParser
import Glibc
import LinuxSystem

/// Writes segments into a capture file.
struct CaptureCommand: ClientCommand {
    static let configuration = CommandConfiguration(
        commandName: "capture", abstract: "Write recent segments into a pcapng file.",
        usage: "segmentd capture --output <file> [<options>]",
        discussion: "For Wireshark: segmentd capture -o - | wireshark -k -i -")

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: .init("The file; '-' is standard output.", valueName: "file"), completion: .file(extensions: ["pcapng"]))
    var file: String

    @Option(help: .init("How many at most; without it, all there are.", valueName: "n"), transform: Number.count)
    var limit: Int?

    @Option(
        help: .init("Wait so long for as many as --count says, new ones without --after.", valueName: "duration"),
        transform: WaitTime.parse)
    var wait: WaitTime?

    @Option(help: .init("With --wait: how many.", valueName: "n"), transform: { try Number.parse($0, in: 1...10_000) })
    var count: Int?

    @OptionGroup(title: "Which") var selection: SelectionOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    var wantedFormat: OutputFormat? { nil }

    func validate() throws {
        guard count == nil || wait != nil else {
            throw ValidationError("--count is of use with --wait only; --limit bounds what there is")
        }
    }

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        guard file != "-" || !Terminal.isTerminal(STDOUT_FILENO) else {
            throw ClientFailure(.usage, "--output -: standard output is a terminal, and a capture file is not text")
        }
        var request = ClientRequest("GET", "segments.pcapng")
        request.accept = "application/x-pcapng"
        selection.apply(to: &request)
        request.ask("limit", limit)
        request.hold(wait)
        request.ask("count", count)
        // Made when the first octets are there, so that a refusal leaves what was there before as it is.
        var target = OutputFile(path: file, named: "--output")
        _ = try client.stream(request) { piece throws(ClientFailure) in
            try target.write(piece)
            return true
        }
        return .success
    }
}

import ArgumentParser
import JSONText

/// Sends a segment, or shows its octets.
struct SendCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send segments, right or wrong, or show their octets.",
        usage: "segmentd send <endpoint> [<options>]",
        discussion:
            "What is not said is worked out, or is the endpoint's own. Ends with 0 when all have left, with 1 when "
            + "some have not, with 2 when the time was up.")

    @Argument(help: .init("Who sends.", valueName: "endpoint"), completion: EndpointNames.completion)
    var endpoint: String

    @Option(
        help: .init(
            "Its JSON, or a list of several; '-' is standard input. Options change what it says.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var input: String?

    @Flag(help: "Send nothing; show the octets that would leave.")
    var dryRun = false

    @Option(
        help: .init("How long to wait until all have left; 0s, not at all. (default: 10s)", valueName: "duration"),
        transform: WaitTime.parse)
    var wait = TransmissionResult.usualWait

    @OptionGroup(title: "Segment") var segment: SegmentOptions
    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        var request = ClientRequest("POST", "endpoints", endpoint, "segments")
        request.carry(try Input.body(input, segment.apply))
        let waits = wait.milliseconds > 0 && !dryRun
        if dryRun { request.ask("validate", "true") }
        if waits { request.hold(wait) }
        let answer = try client.ask(request, places: input == nil ? segment.places : [:])
        guard dryRun, screen.format == .table else {
            return try TransmissionResult.show(answer, on: screen, waited: waits)
        }
        for (number, preview) in (answer.json["segments"] ?? .null).elements.enumerated() {
            if number > 0 { try screen.show([""]) }
            try screen.show(
                OctetMap.table(octets: preview["octets"]?.plain ?? "", fields: (preview["fields"] ?? .null).elements))
            let filled = (preview["kernelFills"] ?? .null).elements.map(\.plain)
            if !filled.isEmpty { try screen.show(["the kernel fills in \(filled.joined(separator: ", "))"]) }
        }
        return .success
    }
}

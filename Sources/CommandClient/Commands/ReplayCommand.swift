import ArgumentParser

/// Sends the segments of a capture file.
struct ReplayCommand: ShowingCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Send the segments of a capture file in its timing.",
        usage: "segmentd replay <endpoint> <file> [<options>]")
    private static let pcapngMagic: [UInt8] = [0x0A, 0x0D, 0x0D, 0x0A]

    @Argument(help: .init("Who sends.", valueName: "endpoint"), completion: EndpointNames.completion)
    var endpoint: String

    @Argument(
        help: .init("The capture file; '-' is standard input.", valueName: "file"),
        completion: .file(extensions: ["pcap", "pcapng"]))
    var file: String

    @Option(
        help: .init(
            "Whose segments: client, server, both, or an address or ADDRESS:PORT. (default: client)",
            valueName: "side"), completion: .list(["client", "server", "both"]))
    var from: String?

    @Option(help: .init("How many times as fast as captured; max, without pauses. (default: 1)", valueName: "factor"))
    var speed: String?

    @Option(
        help: .init(
            "addresses: the endpoint plays the side that is sent; none: as captured. (default: addresses)",
            valueName: "what"), completion: .list(["addresses", "none"]),
        transform: { try EndpointOptions.choice($0, of: ["addresses", "none"]) })
    var rewrite: String?

    @Option(help: .init("Only what passes a pcap filter expression.", valueName: "expression"))
    var filter: String?

    @Option(
        help: .init("How long to wait until all have left; 0s, not at all. (default: 10s)", valueName: "duration"),
        transform: WaitTime.parse)
    var wait = TransmissionResult.usualWait

    @OptionGroup(title: "Output") var output: OutputOptions
    @OptionGroup(title: "Service") var connection: ConnectionOptions

    func perform(_ client: ServiceClient, on screen: Screen) throws(ClientFailure) -> CommandStatus {
        let octets = try InputFile.read(file, named: "the capture file")
        var request = ClientRequest("POST", "endpoints", endpoint, "segments")
        request.body = (octets, octets.starts(with: Self.pcapngMagic) ? .pcapng : .pcap)
        request.ask("from", from)
        request.ask("speed", speed)
        request.ask("rewrite", rewrite)
        request.ask("filter", filter)
        let waits = wait.milliseconds > 0
        if waits { request.hold(wait) }
        let places = ["from", "speed", "rewrite", "filter"].map { ("?\($0)", "--\($0)") }
        let answer = try client.ask(request, places: Dictionary(uniqueKeysWithValues: places))
        return try TransmissionResult.show(answer, on: screen, waited: waits)
    }
}

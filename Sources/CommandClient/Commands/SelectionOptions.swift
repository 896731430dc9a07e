import ArgumentParser

/// Which segments are meant.
struct SelectionOptions: ParsableArguments {
    static let directions = ["received", "sent", "error", "any"]

    @Option(help: .init("Only those of this endpoint.", valueName: "id"), completion: EndpointNames.completion)
    var endpoint: String?

    @Option(
        help: .init("received, sent, error (ICMP errors) or any. (default: received)", valueName: "direction"),
        completion: .list(Self.directions), transform: { try EndpointOptions.choice($0, of: Self.directions) })
    var direction: String?

    @Option(
        help: .init(
            "Only those that pass a pcap filter expression, such as 'tcp[13] & 4 != 0'.", valueName: "expression"))
    var filter: String?

    @Option(
        help: .init("Those after this number, the oldest first.", valueName: "n"),
        transform: { try Number.parse($0, in: 0...Int.max) })
    var after: Int?

    @Option(help: .init("The start of the service that --after is of.", valueName: "instance"))
    var instance: String?

    /// Puts the selection into a query.
    func apply(to request: inout ClientRequest) {
        request.ask("endpoint", endpoint)
        request.ask("direction", direction)
        request.ask("filter", filter)
        request.ask("after", after)
        request.ask("instance", instance)
    }
}

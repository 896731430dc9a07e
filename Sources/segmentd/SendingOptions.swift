import ArgumentParser
import SegmentEngine
import TCPWire

/// What may leave, and how much of it.
struct SendingOptions: ParsableArguments {
    @Option(
        help: .init(
            "Where segments may be sent; repeatable. Multicast addresses only by a block within 224.0.0.0/4, "
                + "broadcast addresses never. (default: 127.0.0.0/8)", valueName: "cidr"),
        transform: { text in
            guard let prefix = IPv4Prefix(text) else {
                throw ValidationError("'\(text)' is not a prefix such as 10.99.0.0/24, its host bits 0")
            }
            guard !prefix.address.isLimitedBroadcast else {
                throw ValidationError("'\(text)': nothing may be sent to all hosts of a link")
            }
            return prefix
        })
    var allowEgress: [IPv4Prefix] = []

    @Flag(help: "Let segments leave with sources that are not the endpoint's own.")
    var allowSpoofing = false

    @Option(
        help: .init(
            "How many segments may leave in a second; what is beyond waits. 0: as many as can be.", valueName: "n"))
    var maxRate = 0

    @Option(help: .init("The same for each endpoint.", valueName: "n"))
    var maxEndpointRate = 0

    @Option(
        help: .init(
            "How many answers of rules one segment may cause, by way of endpoints that answer each other. "
                + "0: any number.", valueName: "n"))
    var maxAnswers = 0

    func validate() throws {
        try OptionBound.check([
            OptionBound("--max-rate", maxRate, 0...1_000_000_000),
            OptionBound("--max-endpoint-rate", maxEndpointRate, 0...1_000_000_000),
            OptionBound("--max-answers", maxAnswers, 0...1_000_000_000),
        ])
    }

    /// Puts what may leave into the engine's bounds.
    func apply(to configuration: inout EngineConfiguration) {
        configuration.segmentsPerSecond = maxRate
        configuration.endpointSegmentsPerSecond = maxEndpointRate
        configuration.answersPerSegment = maxAnswers
        configuration.policy.allowedDestinations =
            allowEgress.isEmpty ? [Self.loopback].compactMap(\.self) : allowEgress
        configuration.policy.allowsSpoofing = allowSpoofing
    }

    private static let loopback = IPv4Prefix("127.0.0.0/8")
}

import ArgumentParser
import SegmentEngine

/// How much there may be of everything, and how much memory it takes.
struct CapacityOptions: ParsableArguments {
    @Option(help: .init("How many segments the capture ring holds.", valueName: "n"))
    var ringSegments = 65_536

    @Option(help: .init("How many octets of datagrams the capture ring holds.", valueName: "octets"))
    var ringOctets = 64 << 20

    @Option(help: .init("How many endpoints there may be.", valueName: "n"))
    var maxEndpoints = 10_000

    @Option(help: .init("How many transmissions may be under way.", valueName: "n"))
    var maxTransmissions = 4096

    @Option(help: .init("How many transmissions are remembered.", valueName: "n"))
    var rememberTransmissions = 10_000

    @Option(
        help: .init("How many octets segments of transmissions and runs under way may take.", valueName: "octets"))
    var maxQueuedOctets = 64 << 20

    @Option(help: .init("How many runs may be live.", valueName: "n"))
    var maxRuns = 1_000

    @Option(help: .init("How many runs that have ended are remembered.", valueName: "n"))
    var rememberRuns = 1_000

    @Option(help: .init("How many octets of segments the remembered runs may keep.", valueName: "octets"))
    var rememberRunOctets = 64 << 20

    @Option(help: .init("How many commands may wait for the engine.", valueName: "n"))
    var maxCommands = 1024

    @Option(help: .init("How many requests may be held: waits and streams.", valueName: "n"))
    var maxWaiters = 256

    @Option(help: .init("The receive buffer of each raw socket, in octets.", valueName: "octets"))
    var receiveBuffer = 8 << 20

    func validate() throws {
        try OptionBound.check([
            OptionBound("--ring-segments", ringSegments, 1...1 << 26),
            OptionBound("--ring-octets", ringOctets, 65_535...1 << 36),
            OptionBound("--max-endpoints", maxEndpoints, 1...1_000_000),
            OptionBound("--max-transmissions", maxTransmissions, 1...1 << 20),
            OptionBound(
                "--remember-transmissions", rememberTransmissions, min(maxTransmissions, 1 << 24)...1 << 24),
            OptionBound("--max-queued-octets", maxQueuedOctets, 65_536...1 << 36),
            OptionBound("--max-runs", maxRuns, 1...100_000),
            OptionBound("--remember-runs", rememberRuns, 1...1_000_000),
            OptionBound("--remember-run-octets", rememberRunOctets, 65_535...1 << 36),
            OptionBound("--max-commands", maxCommands, 1...1 << 20),
            OptionBound("--max-waiters", maxWaiters, 1...100_000),
            OptionBound("--receive-buffer", receiveBuffer, 4096...1 << 30),
        ])
    }

    /// Puts the bounds into the engine's.
    func apply(to configuration: inout EngineConfiguration) {
        configuration.ringSegments = ringSegments
        configuration.ringOctets = ringOctets
        configuration.maximumEndpoints = maxEndpoints
        configuration.maximumTransmissions = maxTransmissions
        configuration.rememberedTransmissions = rememberTransmissions
        configuration.maximumQueuedOctets = maxQueuedOctets
        configuration.maximumRuns = maxRuns
        configuration.rememberedRuns = rememberRuns
        configuration.rememberedRunOctets = rememberRunOctets
        configuration.mailboxCapacity = maxCommands
        configuration.maximumWaiters = maxWaiters
        configuration.receiveBufferOctets = receiveBuffer
    }
}

import ArgumentParser
import ControlAPI
import HTTPDaemon
import LinuxSystem
import SegmentEngine
import TCPWire

/// The bounds and permissions that the service starts with.
struct Options: ParsableArguments {
    @Option(
        help: .init(
            "Where the HTTP API listens over TCP, or 'none'; port 0 takes a free one.", valueName: "address:port"),
        transform: { text in
            guard let place = ListenPlace(text) else {
                throw ValidationError("'\(text)' is not an address and port such as 127.0.0.1:8080, nor 'none'")
            }
            return place
        })
    var listen = ListenPlace.address(ListenAddress(address: .loopback, port: 8080))

    @OptionGroup var access: AccessOptions

    @Option(help: .init("A name that HTTP clients may use for this host; repeatable.", valueName: "name"))
    var allowHost: [String] = []

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

    @OptionGroup var http: HTTPOptions

    @Option(
        help: .init(
            "A privilege to give up at the start, and what needs it: net-admin (guards listener and nftables, receive "
                + "buffers above net.core.rmem_max), namespaces, port-holders (their names); repeatable.",
            valueName: "privilege"))
    var without: [OptionalPrivilege] = []

    @Option(
        help: .init(
            "The file that keeps endpoints and runs across restarts, made when it is not there.", valueName: "file"))
    var state: String?

    @Option(help: .init("What is logged on standard error.", valueName: "level"))
    var logLevel = LogLevel.info

    /// How much is logged.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case debug, info, warning, error
    }

    mutating func validate() throws {
        try access.check(with: listen)
        if let state, state.isEmpty || state.utf8.count > Self.longestPath {
            throw ValidationError("--state '\(state.prefix(100))': a path has 1 to \(Self.longestPath) octets")
        }
        let bounds: [(name: String, value: Int, range: ClosedRange<Int>)] = [
            ("--ring-segments", ringSegments, 1...1 << 26),
            ("--ring-octets", ringOctets, 65_535...1 << 36),
            ("--max-endpoints", maxEndpoints, 1...1_000_000),
            ("--max-transmissions", maxTransmissions, 1...1 << 20),
            ("--remember-transmissions", rememberTransmissions, min(maxTransmissions, 1 << 24)...1 << 24),
            ("--max-queued-octets", maxQueuedOctets, 65_536...1 << 36),
            ("--max-rate", maxRate, 0...1_000_000_000),
            ("--max-endpoint-rate", maxEndpointRate, 0...1_000_000_000),
            ("--max-answers", maxAnswers, 0...1_000_000_000),
            ("--max-runs", maxRuns, 1...100_000),
            ("--remember-runs", rememberRuns, 1...1_000_000),
            ("--remember-run-octets", rememberRunOctets, 65_535...1 << 36),
            ("--max-commands", maxCommands, 1...1 << 20),
            ("--max-waiters", maxWaiters, 1...100_000),
            ("--receive-buffer", receiveBuffer, 4096...1 << 30),
        ]
        for bound in bounds where !bound.range.contains(bound.value) {
            throw ValidationError(
                "\(bound.name) \(bound.value) is not in \(bound.range.lowerBound)…\(bound.range.upperBound)")
        }
    }

    /// The engine's bounds, for an API at this port.
    func engineConfiguration(port: UInt16) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        configuration.ringSegments = ringSegments
        configuration.ringOctets = ringOctets
        configuration.maximumEndpoints = maxEndpoints
        configuration.maximumTransmissions = maxTransmissions
        configuration.rememberedTransmissions = rememberTransmissions
        configuration.maximumQueuedOctets = maxQueuedOctets
        configuration.segmentsPerSecond = maxRate
        configuration.endpointSegmentsPerSecond = maxEndpointRate
        configuration.answersPerSegment = maxAnswers
        configuration.maximumRuns = maxRuns
        configuration.rememberedRuns = rememberRuns
        configuration.rememberedRunOctets = rememberRunOctets
        configuration.mailboxCapacity = maxCommands
        configuration.maximumWaiters = maxWaiters
        configuration.receiveBufferOctets = receiveBuffer
        configuration.usesNamespaces = !without.contains(.namespaces)
        // Where few files may be open, guards still have most of them.
        let connections = http.maxConnections * (access.unixSocket == nil || listen.address == nil ? 1 : 2)
        configuration.spareDescriptors = min(connections + Self.ownDescriptors, ResourceLimit.openFiles / 4)
        configuration.policy.allowedDestinations =
            allowEgress.isEmpty ? [Self.loopback].compactMap(\.self) : allowEgress
        configuration.policy.allowsSpoofing = allowSpoofing
        configuration.reservedAddress = listen.address.map { TransportAddress(address: $0.address, port: port) }
        return configuration
    }

    /// What the threads keep of the capabilities that the process has.
    var privileges: Privileges { Privileges(without: without) }

    func daemonConfiguration(_ files: AccessFiles) -> HTTPDaemon.Configuration {
        var configuration = HTTPDaemon.Configuration(
            address: listen.address?.address.rawValue, port: listen.address?.port ?? 0)
        configuration.identity = files.identity
        configuration.unixSocket = files.unixSocket
        configuration.allowedHosts = allowHost
        configuration.bodyTypes = ControlAPI.bodyTypes
        http.apply(to: &configuration)
        return configuration
    }

    /// Leaves room for the names beside it.
    private static let longestPath = 4_000
    /// What the service itself has open, besides connections and guards, and some to spare.
    private static let ownDescriptors = 64
    private static let loopback = IPv4Prefix("127.0.0.0/8")
}

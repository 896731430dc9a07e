import ArgumentParser
import ControlAPI
import HTTPDaemon

/// What the HTTP side puts up with.
struct HTTPOptions: ParsableArguments {
    /// The rate of each address of the loopback, unless told: a test job never meets it.
    private static let usualLocalRate = 1_000_000
    /// The rate of each other address, unless told.
    private static let usualRate = 1000

    @Option(
        help: .init(
            "How many requests a second each client address may make. "
                + "(default: 1000; as good as any number on loopback)", valueName: "n"))
    var maxRequestRate: Int?

    @Option(help: .init("How many HTTP connections there may be to each socket.", valueName: "n"))
    var maxConnections = 512

    @Option(help: .init("How many octets a request target may have.", valueName: "octets"))
    var maxTarget = 8 << 10

    @Option(help: .init("How many octets the header fields of a request may have.", valueName: "octets"))
    var maxHeader = 16 << 10

    @Option(help: .init("How many header fields a request may have.", valueName: "n"))
    var maxHeaderFields = 100

    @Option(help: .init("How many octets a request body may have.", valueName: "octets"))
    var maxBody = 4 << 20

    @Option(
        help: .init(
            "How many octets bodies that come and answers that are not read yet may have together.",
            valueName: "octets"))
    var maxHeld = 32 << 20

    @Option(help: .init("How long the head of a request may take.", valueName: "seconds"))
    var headTimeout = 10

    @Option(help: .init("How long the body of a request may take.", valueName: "seconds"))
    var bodyTimeout = 30

    @Option(help: .init("How long a client may take to read an answer.", valueName: "seconds"))
    var answerTimeout = 60

    @Option(
        help: .init(
            "How long the client of a stream may take nothing while there is something.", valueName: "seconds"))
    var streamTimeout = 300

    @Option(help: .init("How long a connection may be idle.", valueName: "seconds"))
    var idleTimeout = 30

    func validate() throws {
        try OptionBound.check([
            OptionBound("--max-request-rate", maxRequestRate ?? 1, 1...1_000_000),
            OptionBound("--max-connections", maxConnections, 1...100_000),
            OptionBound("--max-target", maxTarget, 256...1 << 20),
            OptionBound("--max-header", maxHeader, 1024...1 << 20),
            OptionBound("--max-header-fields", maxHeaderFields, 10...10_000),
            OptionBound("--max-body", maxBody, 1024...1 << 30),
            OptionBound("--max-held", maxHeld, 1 << 20...1 << 36),
            OptionBound("--head-timeout", headTimeout, 1...3600),
            OptionBound("--body-timeout", bodyTimeout, 1...3600),
            OptionBound("--answer-timeout", answerTimeout, 1...3600),
            OptionBound("--stream-timeout", streamTimeout, 1...86_400),
            OptionBound("--idle-timeout", idleTimeout, 1...3600),
        ])
        guard maxBody <= maxHeld else {
            throw ValidationError("--max-body \(maxBody) is more than --max-held \(maxHeld)")
        }
    }

    /// Puts the bounds into a configuration.
    func apply(to configuration: inout HTTPDaemon.Configuration) {
        configuration.requestsPerSecond = maxRequestRate ?? Self.usualRate
        configuration.localRequestsPerSecond = maxRequestRate ?? Self.usualLocalRate
        configuration.connectionLimit = maxConnections
        configuration.targetLimit = maxTarget
        configuration.headerLimit = maxHeader
        configuration.headerFieldLimit = maxHeaderFields
        configuration.bodyLimit = maxBody
        configuration.heldOctetsLimit = maxHeld
        configuration.headDeadlineMilliseconds = headTimeout * 1000
        configuration.bodyDeadlineMilliseconds = bodyTimeout * 1000
        configuration.responseDeadlineMilliseconds = answerTimeout * 1000
        configuration.stalledStreamMilliseconds = streamTimeout * 1000
        configuration.idleTimeoutSeconds = idleTimeout
    }

    /// The bounds, as `GET /limits` has them.
    var limits: [ServiceLimit] {
        [
            ServiceLimit(name: "requestsPerSecond", value: maxRequestRate ?? Self.usualRate),
            ServiceLimit(name: "requestsPerSecondOnLoopback", value: maxRequestRate ?? Self.usualLocalRate),
            ServiceLimit(name: "connections", value: maxConnections),
            ServiceLimit(name: "targetOctets", value: maxTarget),
            ServiceLimit(name: "headerOctets", value: maxHeader),
            ServiceLimit(name: "headerFields", value: maxHeaderFields),
            ServiceLimit(name: "bodyOctets", value: maxBody),
            ServiceLimit(name: "heldOctets", value: maxHeld),
            ServiceLimit(name: "headSeconds", value: headTimeout),
            ServiceLimit(name: "bodySeconds", value: bodyTimeout),
            ServiceLimit(name: "answerSeconds", value: answerTimeout),
            ServiceLimit(name: "stalledStreamSeconds", value: streamTimeout),
            ServiceLimit(name: "idleSeconds", value: idleTimeout),
        ]
    }
}

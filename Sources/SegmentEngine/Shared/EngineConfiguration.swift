/// The bounds an engine works within.
package struct EngineConfiguration: Sendable {
    /// How many datagrams the capture ring holds.
    package var ringSegments = 65_536
    /// How many octets of datagrams the capture ring holds.
    package var ringOctets = 64 << 20
    package var maximumEndpoints = 10_000
    /// How many commands may wait for the engine.
    package var mailboxCapacity = 1024
    /// How many transmissions may be under way.
    package var maximumTransmissions = 4096
    /// How many transmissions are remembered.
    package var rememberedTransmissions = 10_000
    /// How many requests may be held until there is something to answer.
    package var maximumWaiters = 256
    /// How many runs may be live: under way, or waiting for others.
    package var maximumRuns = 1000
    /// How many runs that have ended are remembered.
    package var rememberedRuns = 1000
    /// How many octets of segments these may keep.
    package var rememberedRunOctets = 64 << 20
    /// How many octets the segments of transmissions and runs that are under way may take.
    package var maximumQueuedOctets = 64 << 20
    /// How many segments may leave in a second; 0: any number.
    package var segmentsPerSecond = 0
    /// How many segments of one endpoint may leave in a second; 0: any number.
    package var endpointSegmentsPerSecond = 0
    /// How many answers of rules one segment may cause, by way of endpoints that answer each other; 0: any number.
    package var answersPerSegment = 0
    /// The receive buffer to ask for, for each raw socket, in octets.
    package var receiveBufferOctets = 8 << 20
    /// How many open files are left to others than guards.
    package var spareDescriptors = 64
    /// Whether endpoints may play in other network namespaces.
    package var usesNamespaces = true
    package var policy = SendPolicy(allowedDestinations: [])
    /// The HTTP API's own address and port, which no endpoint may play.
    package var reservedAddress: TransportAddress?

    package init() {}
}

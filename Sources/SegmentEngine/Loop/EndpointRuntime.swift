import TCPWire

/// An endpoint as the engine's thread works with it; for that thread only.
final class EndpointRuntime {
    /// How many of the sockets that lost something are remembered.
    private static let earlierSocketLimit = 64

    let serial: UInt32
    /// Its place among the engine's endpoints.
    let slot: Int
    let id: String
    var definition: EndpointDefinition
    let counters: EngineCounters
    let createdAt: Int64
    var startedAt: Int64?
    /// The socket it receives and sends through; `nil` when it is stopped.
    var socket: EngineSocket?
    /// Which of the engine's networks it runs in.
    var network = 0
    /// The helper's room for that; `nil`: the service's own namespace.
    var room: UInt64?
    /// The command that waits for its parts.
    var awaited: NamespaceOpening?
    var socketDropsAtStart: UInt64 = 0
    /// What its sockets dropped in earlier runs.
    var earlierDrops: UInt64 = 0
    /// Sockets it had in earlier runs and that lost something then, the latest last.
    private(set) var earlierSockets: [UInt32] = []
    var rules: [RuleRuntime] = []
    var opening: [PreparedStep] = []
    var activeGuard = KernelGuard.none
    /// Guards that would have been preferred to the active one.
    var guardRefusals: [GuardRefusal] = []
    var warnings: [String] = []
    var degradedReason: String?
    /// What bounds its segments in a second.
    let rateGate: RateGate?
    var cursor: UInt64 = 0
    /// Whether received segments are answered; not while it is stopping.
    var answers = false
    /// Whether it was started in this turn and is not armed yet.
    var isArming = false
    /// Whether readers have seen it.
    var isPublished = false

    init(
        serial: UInt32, slot: Int, id: String, definition: EndpointDefinition, counters: EngineCounters,
        createdAt: Int64, segmentsPerSecond: Int
    ) {
        self.serial = serial
        self.slot = slot
        self.id = id
        self.definition = definition
        self.counters = counters
        self.createdAt = createdAt
        rateGate = RateGate(perSecond: segmentsPerSecond)
    }

    var local: TransportAddress { definition.local }
    var remote: TransportAddress? { definition.remote }
    var isRunning: Bool { socket != nil }

    /// Counts what a socket it leaves has dropped while it had it.
    func leave(_ socket: EngineSocket) {
        let dropped = socket.drops.count.value &- socketDropsAtStart
        earlierDrops &+= dropped
        guard dropped > 0, earlierSockets.last != socket.serial else { return }
        earlierSockets.append(socket.serial)
        if earlierSockets.count > Self.earlierSocketLimit { earlierSockets.removeFirst() }
    }
}

/// A rule as the engine's thread works with it; for that thread only.
final class RuleRuntime {
    let definition: Rule
    let match: SegmentMatch
    let replies: [PreparedSegment]
    let paceNanoseconds: UInt64
    /// How many answers there may still be; `nil`: any number.
    var remaining: Int?
    /// Before this time of the monotonic clock no answer leaves.
    var nextAllowed: UInt64 = 0
    /// Answers that wait for their pace or for room, the oldest first.
    var waiting: [PreparedSegment.Occasion] = []
    /// Whether a deadline is set for the first that waits.
    var isScheduled = false

    /// Whether it has answers left and is for a segment with these flags and this payload, in this datagram.
    func holds(flags: TCPFlags, payload: Span<UInt8>, datagram: Span<UInt8>) -> Bool {
        remaining != 0 && match.holds(flags: flags, payload: payload, datagram: datagram)
    }

    init(_ definition: Rule, replies: [PreparedSegment]) {
        self.definition = definition
        self.replies = replies
        match = definition.match
        paceNanoseconds = definition.paceNanoseconds
        remaining = definition.limit
    }
}

/// An endpoint as it was published at its latest change; any thread may read it.
package final class EndpointRecord: Sendable {
    /// What an endpoint is doing.
    package enum State: Hashable, Sendable {
        case running
        case stopped
        /// It does not run as it was asked to, or not at all any more.
        case degraded(reason: String)
    }

    package let id: String
    /// Distinguishes the bearers of one id; grows.
    package let serial: UInt32
    /// As asked for, with the id and the port that were made.
    package let definition: EndpointDefinition
    package let state: State
    /// What protects the port now.
    package let activeGuard: KernelGuard
    /// Guards that would have been preferred, had the choice been automatic and they to be had.
    package let guardRefusals: [GuardRefusal]
    /// The number of the latest capture when it was armed, to read on from.
    package let cursor: UInt64
    package let warnings: [String]
    /// Nanoseconds since 1970.
    package let createdAt: Int64
    /// Nanoseconds since 1970; `nil` before the first start.
    package let startedAt: Int64?
    package let counters: EngineCounters
    /// Its socket's losses; `nil` when it is stopped.
    package let socket: SocketRecord?

    /// The serial numbers of sockets that it had before and that lost something.
    package let earlierSockets: [UInt32]

    /// A socket, as far as an endpoint's reader cares.
    package struct SocketRecord: Sendable {
        package let serial: UInt32
        let drops: SocketDrops
        /// What the socket had dropped when the endpoint started.
        let dropsAtStart: UInt64
    }

    /// Datagrams lost before the endpoint's present start.
    private let earlierDrops: UInt64

    init(
        id: String, serial: UInt32, definition: EndpointDefinition, state: State, activeGuard: KernelGuard,
        guardRefusals: [GuardRefusal] = [], cursor: UInt64, warnings: [String],
        createdAt: Int64, startedAt: Int64?, counters: EngineCounters,
        socket: SocketRecord?, earlierSockets: [UInt32] = [], earlierDrops: UInt64
    ) {
        self.id = id
        self.serial = serial
        self.definition = definition
        self.state = state
        self.activeGuard = activeGuard
        self.guardRefusals = guardRefusals
        self.cursor = cursor
        self.warnings = warnings
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.counters = counters
        self.socket = socket
        self.earlierSockets = earlierSockets
        self.earlierDrops = earlierDrops
    }

    /// Datagrams that its socket had no room for while it ran.
    ///
    /// An upper bound of its own: others' on a shared socket count too and, while the buffer is full, so does
    /// every TCP segment that the kernel would have shown the socket's filter.
    package var kernelDrops: UInt64 {
        guard let socket else { return earlierDrops }
        return earlierDrops &+ (socket.drops.count.value &- socket.dropsAtStart)
    }

    /// Segments that its filter did not let pass; `nil` where the kernel runs the filter, which does not count them.
    package var filtered: UInt64? {
        definition.filter != nil && definition.socket == .own ? nil : counters.filtered.value
    }
}

/// What one socket's receive buffer had no room for; the engine counts, any thread reads.
package final class SocketDrops: Sendable {
    package let count = Counter()
}

import LinuxSystem
import TCPWire

/// What the engine asks of its helper; done in the order in which it is asked.
enum NamespaceRequest: Sendable {
    /// An endpoint to open the parts of.
    struct Opening: Sendable {
        /// Which of the endpoints that start together.
        var position: Int
        var definition: EndpointDefinition
        var namespace: String
        /// The room in which the engine has a socket for it to share.
        var sharedRoom: UInt64?
    }

    /// Open what these endpoints need, all of it or nothing; reported under the number.
    case open(number: UInt64, [Opening])
    /// Let go of an endpoint's guard.
    case release(room: UInt64, KernelGuard, of: TransportAddress)
    /// Watch an address of the service's own namespace, or watch it no longer.
    case watch(TransportAddress, isWatched: Bool)
    /// Find out which program holds a port of the service's own namespace.
    case nameHolder(of: TransportAddress, @Sendable (String?) -> Void)
    /// Call this when everything before is done.
    case call(@Sendable () -> Void)
    /// End the helper's thread.
    case shutDown
}

/// What the helper tells the engine.
enum NamespaceReport: Sendable {
    /// The parts of endpoints, by their positions, or why there are none.
    case opened(number: UInt64, Result<[Int: EndpointParts], EngineError.Located>)
    /// A namespace has no name any more.
    case vanished(room: UInt64)
    /// An address is none of the namespace's any more; `nil` is the service's own.
    case addressGone(IPv4Address, room: UInt64?)
    /// The firewall table of a namespace could not be kept.
    case guardsLost(room: UInt64, Errno)
}

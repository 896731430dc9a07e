package import LinuxSystem
package import TCPWire

/// Why the engine did not do what it was asked.
package enum EngineError: Error, Hashable, Sendable {
    case unknownEndpoint(id: String)
    /// Another endpoint has the id.
    case idInUse(id: String)
    /// A running endpoint has the same local and remote address and port.
    case pathInUse(local: TransportAddress, remote: TransportAddress?, holder: String)
    /// A program of this host holds the port.
    case portHeld(TransportAddress)
    /// The port is the HTTP API's own.
    case portReserved(TransportAddress)
    /// The address is none of this host's.
    case addressNotLocal(IPv4Address)
    /// The allow-list of destinations does not have it.
    case destinationNotAllowed(IPv4Address, allowed: [IPv4Prefix])
    /// The source is not the endpoint's own address.
    case sourceNotAllowed(IPv4Address, own: IPv4Address)
    /// An IPv4 option of this kind lets others choose the way (RFC 791 §3.1).
    case sourceRouteNotAllowed(kind: UInt8)
    /// A broadcast or multicast address, or none at all.
    case destinationNotUnicast(IPv4Address)
    /// The endpoint has no remote, and the segment names no destination.
    case destinationMissing(id: String)
    case endpointStopped(id: String)
    case tooManyEndpoints(limit: Int)
    case tooManyQueuedSegments(limit: Int)
    /// The guard that was asked for cannot be had.
    case guardUnavailable(KernelGuard, Errno)
    /// A system call that opens something failed.
    case cannotOpen(what: String, Errno)
    /// Lengths that no datagram has.
    case segmentImpossible(WireError)
    case stopping

    /// The error and which of several things in one request it is about, counted from 0.
    package struct Located: Error, Hashable, Sendable {
        package var error: EngineError
        package var index: Int

        package init(_ error: EngineError, index: Int = 0) {
            self.error = error
            self.index = index
        }
    }
}

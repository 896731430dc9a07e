package import LinuxSystem
package import TCPWire

/// Why the engine did not do what it was asked.
package enum EngineError: Error, Hashable, Sendable {
    case unknownEndpoint(id: String)
    case unknownTransmission(number: UInt64)
    case unknownRun(number: UInt64)
    /// Another endpoint has the id.
    case idInUse(id: String)
    /// A running endpoint has the same local and remote address and port.
    case pathInUse(local: TransportAddress, remote: TransportAddress?, holder: String)
    /// A program of this host holds the port, which may be known.
    case portHeld(TransportAddress, by: String? = nil)
    /// Another endpoint holds the port by a guard that is not the one asked for.
    case guardedOtherwise(TransportAddress, KernelGuard)
    /// The port is the HTTP API's own.
    case portReserved(TransportAddress)
    /// The address is none of this host's, or of the network namespace.
    case addressNotLocal(IPv4Address, namespace: String? = nil)
    /// No network namespace has the name.
    case unknownNamespace(String)
    /// The network namespace cannot be worked in.
    case namespaceUnusable(String, Errno)
    /// The service was started to do without other namespaces.
    case namespacesOff
    /// The allow-list of destinations does not have it.
    case destinationNotAllowed(IPv4Address, allowed: [IPv4Prefix])
    /// A destination that varies can become any address there is.
    case destinationUnbounded(allowed: [IPv4Prefix])
    /// A source becomes 0.0.0.0, which the kernel would replace.
    case sourceReplacedByKernel
    /// The source is not the endpoint's own address.
    case sourceNotAllowed(IPv4Address, own: IPv4Address)
    /// An IPv4 option of this kind lets others choose the way (RFC 791 §3.1).
    case sourceRouteNotAllowed(kind: UInt8)
    /// A broadcast or multicast address, or none at all, which no entry of the allow-list is meant for.
    case destinationNotUnicast(IPv4Address)
    /// The endpoint has no remote, and the segment names no destination.
    case destinationMissing
    case endpointStopped(id: String)
    case tooManyEndpoints(limit: Int)
    /// A change would give an endpoint more labels than it may have.
    case tooManyLabels(limit: Int)
    case tooManyTransmissions(limit: Int)
    case tooManyRuns(limit: Int)
    /// Segments that are queued leave no room for more.
    case queueFull(limit: Int)
    /// Segments that no queue has room for.
    case segmentsTooLarge(Int, limit: Int)
    /// The guard that was asked for cannot be had.
    case guardUnavailable(KernelGuard, Errno)
    /// A system call that opens something failed.
    case cannotOpen(what: String, Errno)
    /// Lengths that no datagram has.
    case segmentImpossible(WireError)
    case stopping

    /// A segment within an endpoint's definition, counted from 0.
    package enum SegmentPlace: Hashable, Sendable {
        case opening(Int)
        case reply(Int, ofRule: Int)
    }

    /// The error, and what in the request it is about.
    package struct Located: Error, Hashable, Sendable {
        package var error: EngineError
        /// Which of several endpoints, counted from 0.
        package var index: Int
        /// Which of the endpoint's segments; `nil`: the endpoint itself, or the one segment there is.
        package var segment: SegmentPlace?
        /// Which of the segment's variations, counted from 0; `nil`: the segment itself.
        package var variation: Int?
        /// Which of a run's steps, counted from 0; `nil` when it is about no run.
        package var step: Int?

        package init(
            _ error: EngineError, index: Int = 0, segment: SegmentPlace? = nil, variation: Int? = nil, step: Int? = nil
        ) {
            self.error = error
            self.index = index
            self.segment = segment
            self.variation = variation
            self.step = step
        }
    }
}

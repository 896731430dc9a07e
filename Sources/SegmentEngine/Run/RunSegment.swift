/// A segment that a run keeps, because a step took it or nearly did.
package struct RunSegment: Hashable, Sendable {
    /// Where it came from.
    package enum Direction: String, Sendable {
        case received
        /// This host's own kernel sent it from the endpoint's port.
        case kernel
    }

    /// Its number in the ring; `nil` for what is not kept there.
    package var number: UInt64?
    /// `nil`: it came to the endpoint's address and port, but from somebody who is not its remote.
    package var endpoint: String?
    package var direction: Direction
    /// Wall-clock time in nanoseconds since 1970.
    package var timestampNanoseconds: Int64
    /// The datagram, the IPv4 header first.
    package var octets: [UInt8]

    package init(
        number: UInt64?, endpoint: String?, direction: Direction, timestampNanoseconds: Int64, octets: [UInt8]
    ) {
        self.number = number
        self.endpoint = endpoint
        self.direction = direction
        self.timestampNanoseconds = timestampNanoseconds
        self.octets = octets
    }
}

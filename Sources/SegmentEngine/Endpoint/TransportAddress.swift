package import TCPWire

/// An IPv4 address and a TCP port, both in host byte order.
package struct TransportAddress: Hashable, BitwiseCopyable, Sendable, CustomStringConvertible {
    package var address: IPv4Address
    package var port: UInt16

    package init(address: IPv4Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    package var description: String { "\(address):\(port)" }
}

import TCPWire

/// An address and port to listen on, as in `127.0.0.1:8080`.
struct ListenAddress: CustomStringConvertible {
    var address: IPv4Address
    var port: UInt16

    init(address: IPv4Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(parts[0]), let port = UInt16(parts[1]) else { return nil }
        self.init(address: address, port: port)
    }

    var description: String { "\(address):\(port)" }
}

import CMicroHTTPD

/// Whom a failure is put down to.
enum Caller: Hashable, Sendable {
    /// An IPv4 address, in host byte order.
    case address(UInt32)
    /// A user of this host.
    case user(UInt32)

    init(of connection: Connection) {
        self =
            switch connection.peer {
            case .user(let user), .stranger(let user): .user(user)
            case .network: .address(UInt32(bigEndian: cmicrohttpd_peer_address(connection.descriptor).sin_addr.s_addr))
            }
    }
}

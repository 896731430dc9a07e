/// Who is at the other end of a connection, as far as the kernel says.
enum Peer: Hashable, Sendable {
    /// Somebody over TCP.
    case network
    /// A user of this host, over the Unix socket, who may use it.
    case user(UInt32)
    /// One who may not.
    case stranger(UInt32)
}

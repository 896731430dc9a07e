import HTTPMessage

/// A request as it is known before its body comes.
struct RequestHead: Sendable {
    var method: String
    var target: String
    /// Whether its line was method, target and version with one space between, and no NUL in the target.
    var isLineWhole = true
    var version: String
    var headers: HTTPHeaders
    /// The address on which the connection came in, in host byte order.
    var localAddress: UInt32
    var peer = Peer.network
}

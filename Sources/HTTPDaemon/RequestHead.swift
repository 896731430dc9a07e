import HTTPMessage

/// A request as it is known before its body comes.
struct RequestHead: Sendable {
    var method: String
    var target: String
    /// Whether its line was method, target and version with one space between, and no NUL in the target.
    var isLineWhole = true
    var version: String
    var headers: HTTPHeaders
    /// Whether each field was a named line that ended in CR and LF, with no NUL in it, and nothing else was there.
    var areFieldsWhole = true
    /// The address on which the connection came in, in host byte order.
    var localAddress: UInt32
    var peer = Peer.network
}

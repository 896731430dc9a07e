import Glibc

/// The first argument of `socket(2)` that an endpoint was asked for with.
///
/// POSIX names address families, older systems protocol families; Linux gives
/// both the same number, so both open the same kind of socket.
package enum SocketDomain: String, CaseIterable, Sendable {
    case addressFamily = "AF_INET"
    case protocolFamily = "PF_INET"

    var rawNumber: CInt {
        switch self {
        case .addressFamily: AF_INET
        case .protocolFamily: PF_INET
        }
    }
}

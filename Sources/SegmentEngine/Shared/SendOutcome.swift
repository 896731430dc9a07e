/// How the attempt to send a segment ended.
///
/// None of them says that it arrived: `sent` is "handed to the kernel, which took it".
package enum SendOutcome: String, CaseIterable, Sendable {
    case sent
    /// A firewall of this host, or the allow-list of destinations, forbids it.
    case blocked
    /// Larger than the path's MTU.
    case tooBig
    /// No route leads to the destination.
    case noRoute
    /// A transmit queue stayed full through all retries.
    case queueFull
    /// Anything else; the errno says what.
    case failed

    var position: Int {
        switch self {
        case .sent: 0
        case .blocked: 1
        case .tooBig: 2
        case .noRoute: 3
        case .queueFull: 4
        case .failed: 5
        }
    }
}

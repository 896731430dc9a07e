import LinuxSystem

extension Errno {
    /// Whether a send may fail with this for an earlier datagram's sake, by an ICMP message about it.
    var mayBeStale: Bool {
        [.connectionRefused, .hostUnreachable, .networkUnreachable, .protocolNotAvailable, .messageTooLong]
            .contains(self)
    }

    var outcome: SendOutcome {
        switch self {
        case .notPermitted: .blocked
        case .messageTooLong: .tooBig
        case .networkUnreachable, .hostUnreachable: .noRoute
        case .noBufferSpace: .queueFull
        default: .failed
        }
    }
}

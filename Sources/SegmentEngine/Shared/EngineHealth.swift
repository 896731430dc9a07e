package import LinuxSystem
import Locking

/// What the engine found out about this host, for readiness checks.
package final class EngineHealth: Sendable {
    /// How the opening of a raw socket went.
    package enum RawSocket: Hashable, Sendable {
        /// With so many octets of receive buffer.
        case usable(receiveBufferOctets: Int)
        case unusable(Errno)
    }

    private let state = Locked<RawSocket?>(nil)

    /// The latest attempt; `nil` before the engine's first turn.
    package var rawSocket: RawSocket? {
        state.withLock { $0 }
    }

    func publish(_ rawSocket: RawSocket) {
        state.withLock { $0 = rawSocket }
    }
}

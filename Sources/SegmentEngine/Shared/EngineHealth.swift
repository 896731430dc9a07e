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

    /// Whether a guard can be had.
    package struct GuardState: Hashable, Sendable {
        package var kind: KernelGuard
        /// Why not; `nil`: it can.
        package var error: Errno?

        package init(kind: KernelGuard, error: Errno?) {
            self.kind = kind
            self.error = error
        }
    }

    /// Whether endpoints can play in other network namespaces.
    package enum Namespaces: Hashable, Sendable {
        case usable
        case unusable(Errno)
        /// Nobody may, as the service was started.
        case off
    }

    private let portHolders = Locked<Bool?>(nil)
    private let privilegedPorts = Locked<Bool?>(nil)
    private let namespaceState = Locked<Namespaces?>(nil)
    private let state = Locked<RawSocket?>(nil)
    private let guardStates = Locked<[GuardState]?>(nil)

    /// The latest attempt; `nil` before the engine's first turn.
    package var rawSocket: RawSocket? {
        state.withLock { $0 }
    }

    /// The guards by preference; `nil` before somebody first asked the engine to answer.
    package var guards: [GuardState]? {
        guardStates.withLock { $0 }
    }

    /// `nil` before the helper's first turn.
    package var namespaces: Namespaces? {
        namespaceState.withLock { $0 }
    }

    /// Whether ports can be held that are not everybody's; `nil` before somebody first asked the engine to answer.
    package var holdsPrivilegedPorts: Bool? {
        privilegedPorts.withLock { $0 }
    }

    package func publish(holdsPrivilegedPorts: Bool) {
        privilegedPorts.withLock { $0 = holdsPrivilegedPorts }
    }

    /// Whether the programs of all users are named that hold ports; `nil` before the helper's first turn.
    package var namesAllPortHolders: Bool? {
        portHolders.withLock { $0 }
    }

    package func publish(namesAllPortHolders: Bool) {
        portHolders.withLock { $0 = namesAllPortHolders }
    }

    package func publish(namespaces: Namespaces) {
        namespaceState.withLock { $0 = namespaces }
    }

    func publish(_ guards: [GuardState]) {
        guardStates.withLock { $0 = guards }
    }

    func publish(_ rawSocket: RawSocket) {
        state.withLock { $0 = rawSocket }
    }
}

import LinuxSystem
import Locking

/// What an endpoint in another network namespace starts with: opened there by the helper, taken by the engine.
final class EndpointParts: Sendable {
    /// The open sockets among them.
    struct Sockets: ~Copyable {
        /// `nil` where the engine has one that the endpoint shares.
        var raw: RawTCPSocket?
        var sender: RawTCPSender?
        /// Only where the guard does not keep the kernel from answering.
        var witness: ResetWitness?
        /// Whether an endpoint runs with them.
        fileprivate var areTaken = false

        init() {}
    }

    /// Which of the helper's rooms they belong to.
    let room: UInt64
    let namespace: String
    let grant: GuardTable.Grant
    private let sockets: Locked<Sockets>

    init(room: UInt64, namespace: String, grant: GuardTable.Grant, _ sockets: consuming Sockets) {
        self.room = room
        self.namespace = namespace
        self.grant = grant
        self.sockets = Locked(sockets)
    }

    /// Whether an endpoint has them, and gives them back by itself.
    var areTaken: Bool { sockets.withLock { $0.areTaken } }

    func noteTaken() { sockets.withLock { $0.areTaken = true } }

    func takeRawSocket() -> RawTCPSocket? { sockets.withLock { $0.raw.take() } }

    func takeSender() -> RawTCPSender? { sockets.withLock { $0.sender.take() } }

    func takeWitness() -> ResetWitness? { sockets.withLock { $0.witness.take() } }
}

import LinuxSystem

/// A network namespace in which endpoints run, as the engine works with it; for its thread only.
struct EngineNetwork {
    /// Which of the helper's rooms it is; `nil`: the service's own namespace, or none at the moment.
    let room: UInt64?
    /// `nil`: the service's own.
    let name: String?
    /// Its running endpoints, by their addresses and ports.
    var index = EndpointIndex()
    var sharedSockets: [EpollTrigger: EngineSocket] = [:]
    var witness: Witness?
    /// Running endpoints on whose ports the kernel may answer.
    var unguardedEndpoints = 0

    /// What sees the kernel's resets there.
    final class Witness {
        let socket: ResetWitness

        init(_ socket: consuming ResetWitness) {
            self.socket = socket
        }
    }

    init(room: UInt64? = nil, name: String? = nil) {
        self.room = room
        self.name = name
    }
}

/// An address and port in one of the engine's networks.
struct NetworkPlace: Hashable {
    var network: Int
    var address: TransportAddress
}

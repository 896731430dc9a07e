import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Takes what the helper has to tell.
    mutating func takeNamespaceReports() {
        for report in handle.namespaces.reports.takeAll() {
            switch report {
            case .opened(let number, let result): finish(number, result)
            case .vanished(let room): lose(room)
            case .addressGone(let address, let room): degrade(at: address, inRoom: room)
            case .guardsLost(let room, let error):
                degradeGuarded(in: networks.firstIndex { $0.room == room }, because: error)
            }
        }
        flushAll()
    }

    /// Which of the engine's networks parts belong to; the service's own where there are none.
    mutating func network(of parts: EndpointParts?) -> Int {
        guard let parts else { return 0 }
        if let present = networks.firstIndex(where: { $0.room == parts.room }) { return present }
        let network = EngineNetwork(room: parts.room, name: parts.namespace)
        if let free = networks.dropFirst().firstIndex(where: { $0.room == nil }) {
            networks[free] = network
            return free
        }
        networks.append(network)
        return networks.count - 1
    }

    /// Forgets a network in which nothing is any more.
    mutating func discardUnused(network: Int) {
        guard network != 0, networks[network].index.count == 0, networks[network].sharedSockets.isEmpty else { return }
        networks[network] = EngineNetwork()
    }

    /// Lets go of parts that no endpoint has taken, or of what an endpoint had of them.
    func giveBack(_ active: KernelGuard, of local: TransportAddress, inRoom room: UInt64) {
        handle.namespaces.requests.postAtOnce(.release(room: room, active, of: local))
    }

    /// Answers only when the helper has done what it was asked up to then.
    func afterReleases<Success: Sendable>(
        _ completion: @escaping EngineCommand.Completion<Success>
    ) -> EngineCommand.Completion<Success> {
        let requests = handle.namespaces.requests
        return { result in requests.postAtOnce(.call { completion(result) }) }
    }

    /// Answers that a command failed; where a program holds a port, with its name.
    func refuse<Success: Sendable>(
        _ completion: @escaping EngineCommand.Completion<Success>, because located: EngineError.Located
    ) {
        guard case .portHeld(let local, nil) = located.error else { return completion(.failure(located)) }
        let named: @Sendable (String?) -> Void = { holder in
            var located = located
            located.error = .portHeld(local, by: holder)
            completion(.failure(located))
        }
        handle.namespaces.requests.postAtOnce(.nameHolder(of: local, named))
    }

    /// Lets go of everything in a namespace that is gone, so that nothing of ours keeps it alive.
    private mutating func lose(_ room: UInt64) {
        guard let network = networks.firstIndex(where: { $0.room == room }) else { return }
        let name = networks[network].name ?? ""
        for case let endpoint? in slots where endpoint.isRunning && endpoint.network == network {
            release(endpoint)
            degrade(endpoint, because: "the network namespace \"\(name)\" is gone; start it when there is one again")
        }
    }

    /// Says of the endpoints at an address that it is gone.
    private mutating func degrade(at address: IPv4Address, inRoom room: UInt64?) {
        guard let network = room == nil ? 0 : networks.firstIndex(where: { $0.room == room }) else { return }
        let place = networks[network].name.map { "the network namespace \"\($0)\"" } ?? "this host"
        for case let endpoint? in slots
        where endpoint.isRunning && endpoint.network == network && endpoint.local.address == address
            && endpoint.degradedReason == nil
        {
            degrade(
                endpoint,
                because: "\(address) is no address of \(place) any more, with its interface or without; "
                    + "start it when it is back")
        }
    }
}

import LinuxSystem

extension SegmentEngine {
    /// Asks the helper for what endpoints need that are to start in other namespaces, and goes on meanwhile.
    mutating func open(_ endpoints: [EndpointRuntime], for purpose: NamespaceOpening.Purpose) {
        var requests: [NamespaceRequest.Opening] = []
        var held: [EngineSocket] = []
        for (position, endpoint) in endpoints.enumerated() {
            let definition = endpoint.definition
            guard let namespace = definition.namespace, endpoint.wantsToRun(for: purpose) else { continue }
            let shared = definition.socket == .own ? nil : sharedSocket(in: namespace, definition.trigger)
            if let shared {
                shared.holds += 1
                held.append(shared)
            }
            requests.append(
                .init(
                    position: position, definition: definition, namespace: namespace,
                    sharedRoom: shared.flatMap { networks[$0.network].room }))
        }
        let opening = NamespaceOpening(of: endpoints, for: purpose, holding: held)
        for endpoint in endpoints { endpoint.awaited = opening }
        openings[nextOpening] = opening
        handle.namespaces.requests.postAtOnce(.open(number: nextOpening, requests))
        nextOpening += 1
    }

    /// A socket that endpoints in a namespace share, if there is one.
    private func sharedSocket(in namespace: String, _ trigger: EpollTrigger) -> EngineSocket? {
        // Of several that had the name, the others may be gone.
        for network in networks.reversed() where network.name == namespace {
            if let socket = network.sharedSockets[trigger] { return socket }
        }
        return nil
    }

    /// What a command has to wait for: parts of an endpoint that it is about.
    func opening(before command: EngineCommand) -> NamespaceOpening? {
        guard !openings.isEmpty else { return nil }
        switch command {
        case .start(let id, _), .stop(let id, _), .change(let id, _, _), .remove(let id, _), .send(_, let id, _, _):
            return endpointsByID[id]?.awaited
        case .run(let plan, _, _):
            for id in plan.endpoints {
                if let awaited = endpointsByID[id]?.awaited { return awaited }
            }
            return nil
        case .reset: return openings.values.first
        case .restore, .create, .awaitEnd, .cancel, .awaitRun, .endRun, .ping, .shutDown: return nil
        }
    }

    /// Answers those who wait for parts that nobody will take any more.
    mutating func abandonOpenings() {
        for opening in openings.values {
            opening.fail(.init(.stopping))
            for command in opening.deferred { refuse(command) }
        }
        openings = [:]
    }

    /// Starts the endpoints that have waited for their parts, and goes on with what waited for them.
    mutating func finish(_ number: UInt64, _ result: Result<[Int: EndpointParts], EngineError.Located>) {
        guard let opening = openings.removeValue(forKey: number) else { return }
        for endpoint in opening.endpoints { endpoint.awaited = nil }
        let parts = (try? result.get()) ?? [:]
        do throws(EngineError.Located) {
            if case .failure(let error) = result { throw error }
            try start(opening, with: parts)
        } catch {
            switch opening.purpose {
            case .creation:
                disarm(opening.endpoints)
                remove(opening.endpoints)
            case .start:
                for endpoint in opening.endpoints { publish(endpoint) }
            case .restoration(let restoration):
                for endpoint in opening.endpoints {
                    finishRestoring(endpoint, of: restoration, failure: error)
                }
            }
            opening.fail(error)
        }
        for (position, part) in parts where !part.areTaken {
            var local = opening.endpoints[position].definition.local
            local.port = part.grant.port
            giveBack(part.grant.active, of: local, inRoom: part.room)
        }
        for socket in opening.heldSockets {
            socket.holds -= 1
            closeUnused(socket)
        }
        for command in opening.deferred { _ = obey(command) }
    }

    private mutating func start(
        _ opening: NamespaceOpening, with parts: [Int: EndpointParts]
    ) throws(EngineError.Located) {
        switch opening.purpose {
        case .creation(let completion):
            try start(opening.endpoints, with: parts)
            pendingAnswers.append(.endpoints(opening.endpoints, completion))
        case .start(let completion):
            for (position, endpoint) in opening.endpoints.enumerated() {
                try start(endpoint, with: parts[position])
                pendingAnswers.append(.endpoint(endpoint, completion))
            }
        case .restoration(let restoration):
            for (position, endpoint) in opening.endpoints.enumerated() {
                try start(endpoint, with: parts[position])
                finishRestoring(endpoint, of: restoration, failure: nil)
            }
        }
    }
}

extension EndpointRuntime {
    /// Whether a command has it run that waits for parts.
    fileprivate func wantsToRun(for purpose: NamespaceOpening.Purpose) -> Bool {
        switch purpose {
        case .creation: definition.startsAtOnce
        case .start, .restoration: true
        }
    }
}

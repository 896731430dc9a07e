extension SegmentEngine {
    /// Forgets that endpoints wait to be armed, all at once.
    mutating func disarm(_ endpoints: [EndpointRuntime]) {
        for endpoint in endpoints {
            endpoint.isArming = false
        }
        arming.removeAll { !$0.isArming }
    }

    /// Stops endpoints when all that has reached their sockets is read; those that are stopped stay so.
    mutating func stop(_ endpoints: [EndpointRuntime]) {
        let running = endpoints.filter(\.isRunning)
        for endpoint in endpoints where !endpoint.isRunning {
            // It was not running as it should, and now it need not.
            endpoint.degradedReason = nil
        }
        guard !running.isEmpty else { return }
        for endpoint in running {
            endpoint.answers = false
        }
        settle(running)
        for endpoint in running {
            release(endpoint)
            if endpoint.isPublished { report(.stopped(id: endpoint.id)) }
        }
        commitGuards()
    }

    /// Stops endpoints and removes them; answers their last records.
    @discardableResult
    mutating func remove(_ endpoints: [EndpointRuntime]) -> [EndpointRecord] {
        stop(endpoints)
        return endpoints.map { endpoint in
            let last = record(of: endpoint)
            let latestCapture = slotStates[endpoint.slot].latestCapture
            slots[endpoint.slot] = nil
            slotStates[endpoint.slot].endpoint = 0
            freeSlots.append(endpoint.slot)
            endpointsByID[endpoint.id] = nil
            if endpoint.isPublished {
                report(.removed(id: endpoint.id))
                keep(.endpointRemoved(endpoint.serial))
            }
            handle.endpoints.remove(
                last, latestCapture: latestCapture, oldestCapture: handle.captures.oldestNumber)
            // Whoever waits for its segments waits in vain from now on.
            handle.watch.bell.strike()
            return last
        }
    }

    /// Stops and removes everything, and empties the ring.
    mutating func reset() -> ResetSummary {
        cancelRuns()
        let endpoints = remove(slots.compactMap(\.self)).count
        let segments = handle.captures.write { ring in
            let count = ring.segmentCount
            ring.removeAll()
            return count
        }
        let summary = ResetSummary(
            endpoints: endpoints, transmissions: handle.transmissions.removeAll(), segments: segments,
            runs: handle.runs.removeAll())
        report(.reset(summary))
        keep(.reset)
        return summary
    }

    /// Takes from an endpoint that has settled what it held while it ran.
    mutating func release(_ endpoint: EndpointRuntime) {
        guard let socket = endpoint.socket else { return }
        endRuns(of: endpoint)
        networks[endpoint.network].index.remove(local: endpoint.local, remote: endpoint.remote)
        if let room = endpoint.room {
            giveBack(endpoint.activeGuard, of: endpoint.local, inRoom: room)
        } else {
            guards.release(endpoint.activeGuard, of: endpoint.local)
            watchAddress(of: endpoint, isPlayed: false)
        }
        ignoreResets(of: endpoint)
        cancelTransmissions(of: endpoint)
        withdrawReplies(of: endpoint, from: socket)
        endpoint.leave(socket)
        leave(socket, port: endpoint.local.port)
        if endpoint.rules.contains(where: \.isScheduled) {
            forgetDeadlines(of: endpoint)
        }
        endpoint.socket = nil
        (endpoint.network, endpoint.room) = (0, nil)
        slotStates[endpoint.slot].socket = 0
        slotStates[endpoint.slot].hasRules = false
        slotStates[endpoint.slot].isFiltered = false
        endpoint.activeGuard = .none
        endpoint.guardRefusals = []
        endpoint.rules = []
        endpoint.opening = []
        endpoint.degradedReason = nil
        if endpoint.isArming {
            endpoint.isArming = false
            arming.removeAll { $0 === endpoint }
        }
    }

    /// Gives up answers that the socket could not send yet, so that a stopped endpoint sends nothing.
    private mutating func withdrawReplies(of endpoint: EndpointRuntime, from socket: EngineSocket) {
        let count = socket.withdraw { $0.kind == .reply && $0.serial == endpoint.serial }
        for _ in 0..<count {
            endpoint.counters.countUnsent(.queueFull, error: nil)
            handle.totals.countUnsent(.queueFull, error: nil)
        }
    }
}

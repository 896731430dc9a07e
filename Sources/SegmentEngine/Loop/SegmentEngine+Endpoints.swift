import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Creates endpoints, all of them or none; they do not run yet, and readers do not see them.
    mutating func add(_ definitions: [EndpointDefinition]) throws(EngineError.Located) -> [EndpointRuntime] {
        var added: [EndpointRuntime] = []
        for (position, definition) in definitions.enumerated() {
            do throws(EngineError.Located) {
                added.append(try add(definition))
            } catch {
                remove(added)
                throw .init(error.error, index: position, segment: error.segment)
            }
        }
        return added
    }

    /// Starts endpoints that were created together and shows them to readers, all of them or none.
    ///
    /// Those in other namespaces have parts, by their positions. Whoever gets the error removes them.
    mutating func start(
        _ created: [EndpointRuntime], with parts: [Int: EndpointParts] = [:]
    ) throws(EngineError.Located) {
        for (position, endpoint) in created.enumerated() where endpoint.definition.startsAtOnce {
            do throws(EngineError.Located) {
                try start(endpoint, with: parts[position])
            } catch {
                throw .init(error.error, index: position, segment: error.segment)
            }
        }
        // Readers see them only now, when none can fail any more.
        for endpoint in created {
            publish(endpoint)
        }
    }

    /// Starts an endpoint; one that runs goes on running.
    ///
    /// It is armed, and its opening sent, at the end of the turn. In another namespace it runs with the parts that the
    /// helper has opened there.
    mutating func start(
        _ endpoint: EndpointRuntime, with parts: EndpointParts? = nil
    ) throws(EngineError.Located) {
        guard !endpoint.isRunning else { return }
        let network = network(of: parts)
        do throws(EngineError.Located) {
            try take(endpoint, in: network, with: parts)
        } catch {
            // A guard that was let go again may have made a table.
            commitGuards()
            discardUnused(network: network)
            throw error
        }
    }

    /// Takes what an endpoint needs to run, all of it or nothing.
    private mutating func take(
        _ endpoint: EndpointRuntime, in network: Int, with parts: EndpointParts?
    ) throws(EngineError.Located) {
        var definition = endpoint.definition
        // Once more, because it may be from a start of the service that allowed more.
        try checkDestinations(of: definition)
        let grant: GuardTable.Grant
        let socket: EngineSocket
        do throws(EngineError) {
            if let parts {
                try checkPath(of: definition, in: network)
                grant = parts.grant
            } else {
                try checkAddresses(of: definition)
                grant = try guards.acquire(definition.guardChoice, for: definition.local)
            }
        } catch {
            throw .init(error)
        }
        definition.local.port = grant.port
        let segments: (rules: [RuleRuntime], opening: [PreparedStep])
        do throws(EngineError.Located) {
            segments = try prepared(definition)
        } catch {
            if parts == nil { guards.release(grant.active, of: definition.local) }
            throw error
        }
        do throws(EngineError) {
            // Once more, because the port may have been chosen only now, and not be held.
            try checkPath(of: definition, in: network)
            socket = try self.socket(for: definition, in: network, from: parts)
        } catch {
            if parts == nil { guards.release(grant.active, of: definition.local) }
            throw .init(error)
        }
        parts?.noteTaken()
        endpoint.rules = segments.rules
        endpoint.opening = segments.opening
        join(socket, port: definition.local.port)
        networks[network].index.insert(endpoint.slot, local: definition.local, remote: definition.remote)
        endpoint.definition = definition
        (endpoint.network, endpoint.room) = (network, parts?.room)
        if endpoint.room == nil { watchAddress(of: endpoint, isPlayed: true) }
        endpoint.activeGuard = grant.active
        endpoint.guardRefusals = grant.refusals
        watchForResets(of: endpoint, with: parts)
        endpoint.warnings = grant.warning.map { [$0] } ?? []
        endpoint.degradedReason = nil
        endpoint.socket = socket
        slotStates[endpoint.slot].socket = socket.serial
        slotStates[endpoint.slot].hasRules = !endpoint.rules.isEmpty
        applyFilter(of: endpoint)
        endpoint.socketDropsAtStart = socket.drops.count.value
        endpoint.startedAt = Clock.realtimeNanoseconds
        endpoint.answers = true
        endpoint.isArming = true
        arming.append(endpoint)
    }

    /// Changes an endpoint, all of what is asked or nothing.
    mutating func apply(_ change: EndpointChange, to endpoint: EndpointRuntime) throws(EngineError.Located) {
        let definition = change.applied(to: endpoint.definition)
        guard definition.labels.count <= EndpointDefinition.maximumLabels else {
            throw .init(.tooManyLabels(limit: EndpointDefinition.maximumLabels))
        }
        if change.rules != nil {
            try checkDestinations(of: definition)
            let rules = try prepared(definition).rules
            if endpoint.isRunning { replaceRules(of: endpoint, by: rules) }
        }
        if let filter = change.filter { setFilter(filter, of: endpoint) }
        endpoint.definition = definition
        publish(endpoint)
    }

    /// Puts in force what the turn began: filters first, then openings, then the answers.
    mutating func completeTurn() {
        if !staleSockets.isEmpty {
            for socket in staleSockets {
                renewFilter(of: socket)
            }
            staleSockets.removeAll(keepingCapacity: true)
        }
        if !arming.isEmpty {
            commitGuards()
            arm()
        }
        advanceRuns()
        transmit()
        setWaitDeadlines()
        answerPending()
    }

    private mutating func arm() {
        let started = arming
        arming = []
        let cursor = handle.captures.latestNumber
        for endpoint in started {
            endpoint.isArming = false
            endpoint.cursor = cursor
            publish(endpoint)
            report(
                .started(
                    id: endpoint.id, local: endpoint.local, remote: endpoint.remote,
                    guardedBy: endpoint.activeGuard))
        }
        for endpoint in started {
            sendOpening(of: endpoint)
        }
    }

    /// An endpoint as readers see it.
    func record(of endpoint: EndpointRuntime) -> EndpointRecord {
        let state: EndpointRecord.State =
            if let reason = endpoint.degradedReason {
                .degraded(reason: reason)
            } else {
                endpoint.isRunning ? .running : .stopped
            }
        let socket = endpoint.socket.map { socket in
            EndpointRecord.SocketRecord(
                serial: socket.serial, drops: socket.drops, dropsAtStart: endpoint.socketDropsAtStart)
        }
        return EndpointRecord(
            id: endpoint.id, serial: endpoint.serial, definition: endpoint.definition, state: state,
            activeGuard: endpoint.activeGuard, guardRefusals: endpoint.guardRefusals, cursor: endpoint.cursor,
            warnings: endpoint.warnings,
            createdAt: endpoint.createdAt, startedAt: endpoint.startedAt, counters: endpoint.counters, socket: socket,
            earlierSockets: endpoint.earlierSockets, earlierDrops: endpoint.earlierDrops)
    }

    /// Notes that an endpoint does not run as it was asked to, and says so.
    mutating func degrade(_ endpoint: EndpointRuntime, because reason: String) {
        endpoint.degradedReason = reason
        publish(endpoint)
        report(.degraded(id: endpoint.id, reason: reason))
    }

    /// Has the helper watch an address of the service's own namespace as long as it is played.
    mutating func watchAddress(of endpoint: EndpointRuntime, isPlayed: Bool) {
        let before = ownAddresses[endpoint.local.address] ?? 0
        let players = before + (isPlayed ? 1 : -1)
        ownAddresses[endpoint.local.address] = players > 0 ? players : nil
        guard before == 0 || players == 0 else { return }
        handle.namespaces.requests.postAtOnce(.watch(endpoint.local, isWatched: isPlayed))
    }

    /// Tells whoever writes a log; a full queue loses it, because the engine does not wait.
    func report(_ event: EngineEvent) {
        _ = handle.events.post(event)
    }

    mutating func publish(_ endpoint: EndpointRuntime) {
        endpoint.isPublished = true
        let record = record(of: endpoint)
        handle.endpoints.publish(record)
        keep(.endpoint(record))
    }

    /// Gives an endpoint its place, without starting it.
    private mutating func add(_ definition: EndpointDefinition) throws(EngineError.Located) -> EndpointRuntime {
        let limit = handle.configuration.maximumEndpoints
        guard endpointsByID.count < limit else { throw .init(.tooManyEndpoints(limit: limit)) }
        let id = definition.id ?? unusedID(for: definition.role)
        guard endpointsByID[id] == nil else { throw .init(.idInUse(id: id)) }
        try checkDestinations(of: definition)
        // Once here, so that a stopped endpoint cannot hold what no start would take.
        _ = try prepared(definition)
        // Whoever has made so many takes another file.
        guard RestoredEndpoint.serials.contains(nextSerial) else {
            throw .init(.tooManyEndpoints(limit: Int(RestoredEndpoint.serials.upperBound)))
        }
        defer { nextSerial += 1 }
        return place(definition, id: id, serial: nextSerial, createdAt: Clock.realtimeNanoseconds)
    }

    /// Gives an endpoint its place, whatever it is.
    mutating func place(
        _ definition: EndpointDefinition, id: String, serial: UInt32, createdAt: Int64
    ) -> EndpointRuntime {
        let slot = freeSlots.popLast() ?? slots.count
        let endpoint = EndpointRuntime(
            serial: serial, slot: slot, id: id, definition: definition,
            counters: EngineCounters(in: handle.counterPool), createdAt: createdAt,
            segmentsPerSecond: handle.configuration.endpointSegmentsPerSecond)
        if slot == slots.count {
            slots.append(endpoint)
            slotStates.append(SlotState(endpoint: endpoint.serial, received: endpoint.counters.received))
        } else {
            slots[slot] = endpoint
            slotStates[slot] = SlotState(endpoint: endpoint.serial, received: endpoint.counters.received)
        }
        endpointsByID[id] = endpoint
        return endpoint
    }

    /// The role's name, numbered when it is taken.
    private mutating func unusedID(for role: EndpointRole) -> String {
        let name = role.rawValue
        guard endpointsByID[name] != nil else { return name }
        // Goes on from the latest number, so that the ten-thousandth is found as fast as the second.
        var number = max(2, nextIDNumbers[role] ?? 2)
        while endpointsByID["\(name)-\(number)"] != nil {
            number += 1
        }
        nextIDNumbers[role] = number + 1
        return "\(name)-\(number)"
    }
}

extension EndpointDefinition {
    /// What its own addresses and ports settle for a segment that answers nothing.
    var occasion: PreparedSegment.Occasion {
        PreparedSegment.Occasion(
            source: local, destination: remote ?? TransportAddress(address: .any, port: 0))
    }
}

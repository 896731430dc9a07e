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
        var count = 0
        socket.withdraw { purpose in
            guard purpose.kind == .reply, purpose.serial == endpoint.serial else { return false }
            count += 1
            return true
        }
        for _ in 0..<count {
            endpoint.counters.countUnsent(.queueFull, error: nil)
            handle.totals.countUnsent(.queueFull, error: nil)
        }
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
    private mutating func watchAddress(of endpoint: EndpointRuntime, isPlayed: Bool) {
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

    private func checkAddresses(of definition: EndpointDefinition) throws(EngineError) {
        let local = definition.local
        if let reserved = handle.configuration.reservedAddress, reserved.port == local.port,
            reserved.address == local.address || reserved.address == .any
        {
            throw .portReserved(local)
        }
        try checkPath(of: definition, in: 0)
        do throws(Errno) {
            guard try LocalAddress.isOurs(local.address.rawValue) else { throw .addressNotAvailable }
        } catch .addressNotAvailable {
            throw .addressNotLocal(local.address)
        } catch {
            throw .cannotOpen(what: "a socket to check the local address", error)
        }
    }

    /// Refuses addresses and ports that a running endpoint has.
    private func checkPath(of definition: EndpointDefinition, in network: Int) throws(EngineError) {
        guard let slot = networks[network].index.slot(exactly: definition.local, definition.remote),
            let other = slots[slot]
        else { return }
        throw .pathInUse(local: definition.local, remote: definition.remote, holder: other.id)
    }

    /// Refuses an endpoint whose own segments could never leave.
    private func checkDestinations(of definition: EndpointDefinition) throws(EngineError.Located) {
        let policy = handle.configuration.policy
        do throws(EngineError) {
            if let remote = definition.remote {
                try policy.check(destination: remote.address)
                if definition.namespace == nil { try LinkBroadcast.check(remote.address) }
            }
        } catch {
            throw .init(error)
        }
        for (place, template) in definition.segments {
            do throws(EngineError) {
                if definition.namespace == nil, let destination = template.ip.destination {
                    try LinkBroadcast.check(destination)
                }
                if case .opening = place {
                    try policy.check(template, from: definition.local.address, to: definition.remote)
                } else {
                    try policy.check(template.ip, of: definition.local.address)
                    if let destination = template.ip.destination {
                        try policy.check(destination: destination)
                    }
                }
            } catch {
                throw .init(error, segment: place)
            }
        }
    }

    /// Encodes what an endpoint sends, as far as it is known before.
    private mutating func prepared(
        _ definition: EndpointDefinition
    ) throws(EngineError.Located) -> (rules: [RuleRuntime], opening: [PreparedStep]) {
        var opening: [PreparedStep] = []
        var replies = definition.rules.map { _ in [PreparedSegment]() }
        let occasion = definition.occasion
        for (place, template) in definition.segments {
            do throws(WireError) {
                switch place {
                case .opening:
                    let step = TransmissionPlan.Step(template)
                    opening.append(try PreparedStep(step, on: occasion, identification: nextIdentification()))
                case .reply(_, let rule):
                    replies[rule].append(
                        try PreparedSegment(template, local: definition.local, remote: definition.remote))
                }
            } catch {
                throw .init(.segmentImpossible(error), segment: place)
            }
        }
        let rules = zip(definition.rules, replies).map { rule, replies in
            RuleRuntime(rule, replies: replies)
        }
        return (rules: rules, opening: opening)
    }
}

extension EndpointDefinition {
    /// What its own addresses and ports settle for a segment that answers nothing.
    var occasion: PreparedSegment.Occasion {
        PreparedSegment.Occasion(
            source: local, destination: remote ?? TransportAddress(address: .any, port: 0))
    }

    /// Everything it sends by itself, and where that stands.
    fileprivate var segments: [(place: EngineError.SegmentPlace, template: SegmentTemplate)] {
        opening.enumerated().map { (place: .opening($0), template: $1) }
            + rules.enumerated().flatMap { rule, definition in
                definition.reply.enumerated().map { (place: .reply($0, ofRule: rule), template: $1) }
            }
    }
}

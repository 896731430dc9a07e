import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Rounds that empty the largest receive buffer.
    private static let drainLimit = 512

    /// Notes what arrived at a socket for the runs that wait for it.
    mutating func watchArrivals(at socket: EngineSocket) {
        guard arrivals.indices.contains(where: { slotStates[arrivals[$0].slot].isWatched }) else { return }
        let (now, wallClock) = (Clock.monotonicNanoseconds, Clock.realtimeNanoseconds)
        for position in arrivals.indices where slotStates[arrivals[position].slot].isWatched {
            let arrival = arrivals[position]
            guard let watch = watchedSlots[arrival.slot] else { continue }
            let age = UInt64(max(0, wallClock - receiveBatch.arrivalTime(at: arrival.place)))
            // The kernel's stamps are by the wall clock, which somebody may have set meanwhile; but nothing that is read
            // now came before the socket was last found empty.
            let arrivedAt = max(now - min(now, age), socket.emptyAt)
            // What was on its way when the run began is none of it.
            guard arrivedAt >= watch.run.startedAt else { continue }
            watch.run.backlog.append(number: arrival.number, endpoint: watch.place, arrivedAt: arrivedAt)
            list(watch.run)
        }
    }

    /// Keeps a segment for an endpoint's address and port from somebody who is not its remote.
    func noteStray(at place: Int, in network: Int) {
        let addressee = addressees[place]
        guard addressee.isSegment, addressee.slot == nil,
            let endpoint = watchedAddresses[NetworkPlace(network: network, address: addressee.local)]
        else { return }
        endpoint.keep(
            stray: RunSegment(
                number: nil, endpoint: nil, direction: .received,
                timestampNanoseconds: receiveBatch.arrivalTime(at: place),
                octets: [UInt8](copying: receiveBatch.octets(at: place))))
    }

    /// Keeps a reset that this host's kernel sent from the port of an endpoint that a run watches.
    func keep(kernelReset datagram: [UInt8], of endpoint: EndpointRuntime) {
        guard let watch = watchedSlots[endpoint.slot] else { return }
        watch.run.endpoints[watch.place].keep(
            kernelReset: RunSegment(
                number: nil, endpoint: endpoint.id, direction: .kernel,
                timestampNanoseconds: Clock.realtimeNanoseconds, octets: datagram))
    }

    /// Reads all that has reached a socket by now, and asks what it has lost; `false` when there is still more.
    mutating func drain(_ socket: EngineSocket) -> Bool {
        let horizon = Clock.realtimeNanoseconds
        var isDrained = false
        for _ in 0..<Self.drainLimit where !isDrained {
            let count = receive(from: socket, atMost: EngineSocket.readBatchSize)
            isDrained =
                count < EngineSocket.readBatchSize || receiveBatch.timestampNanoseconds(at: count - 1) >= horizon
            flushAll()
        }
        noteDrops(of: socket)
        return isDrained
    }

    /// The first segment that is as the present step has it, among those it has not looked at.
    mutating func findExpected(in run: RunRuntime) -> RunBacklog.Entry? {
        guard case .waiting(let deadline) = run.phase else { return nil }
        while let entry = run.backlog.candidate {
            guard handle.captures.copyDatagram(entry.number, to: &candidate) != nil else {
                run.backlog.removeAll(before: handle.captures.oldestNumber)
                continue
            }
            if entry.arrivedAt <= deadline, run.expectation.holds(for: candidate.span) { return entry }
            run.backlog.leave()
        }
        return nil
    }

    /// Takes the segment that the present step has found.
    func take(_ entry: RunBacklog.Entry, for expectation: RunPlan.Expectation, in run: RunRuntime) {
        run.backlog.take()
        guard let segment = runSegment(entry, in: run) else { return }
        let endpoint = run.endpoints[expectation.endpoint]
        if let header = try? IPv4HeaderView(segment.octets.span) {
            let octets = header.payload
            if octets.count >= TCPSegmentView.minimumHeaderLength {
                let numbers = Self.numbers(of: octets, payloadLength: Self.payload(of: octets).count)
                run.taken[run.step] = numbers
                endpoint.peer = TransportAddress(address: header.source, port: octets.bigEndianUInt16(at: 0))
                if TCPFlags(rawValue: octets[13]).contains(.syn) {
                    endpoint.initialNumbers.peer = numbers.sequenceNumber
                }
            }
        }
        run.keep(segment)
    }

    /// A segment as a run keeps it; `nil` when the ring has it no more.
    func runSegment(_ entry: RunBacklog.Entry, in run: RunRuntime) -> RunSegment? {
        var octets: [UInt8] = []
        guard let timestamp = handle.captures.copyDatagram(entry.number, to: &octets) else { return nil }
        return RunSegment(
            number: entry.number, endpoint: run.endpoints[entry.endpoint].endpoint.id, direction: .received,
            timestampNanoseconds: timestamp, octets: octets)
    }

    /// What the present step could not look at, because it was lost.
    func losses(in run: RunRuntime, at place: Int) -> (kernel: UInt64, ring: UInt64) {
        run.record.lostInRing = max(run.record.lostInRing, run.backlog.missed)
        return (kernel: run.lostInKernel(at: place), ring: run.backlog.missed)
    }

    /// Notes what the endpoints' sockets have dropped while a run went on; of a shared socket once.
    func noteLosses(of run: RunRuntime) {
        guard run.record.startedAt != nil else { return }
        var seen: Set<UInt32> = []
        for endpoint in run.endpoints {
            guard let socket = endpoint.endpoint.socket, seen.insert(socket.serial).inserted else { continue }
            run.record.lostInKernel += endpoint.drops &- endpoint.dropsAtStart
        }
    }

    /// The segments that come nearest to what the present step waited for in vain.
    mutating func nearMisses(of expectation: RunPlan.Expectation, in run: RunRuntime) -> [NearMiss] {
        let endpoint = run.endpoints[expectation.endpoint]
        var misses = kernelResets(against: run.expectation, at: expectation, in: run)
        for stray in endpoint.strays {
            var differences = run.expectation.differences(from: stray.octets.span)
            if let remote = endpoint.endpoint.remote {
                differences += Self.strangeness(of: stray, to: remote)
            }
            misses.append(miss(stray, differences, at: endpoint))
        }
        for (number, step) in run.record.steps.enumerated() where number < run.step {
            guard step.kind == .expect, let segment = step.segment, step.endpoint == endpoint.endpoint.id else {
                continue
            }
            let taken = Difference(
                "takenBy", .word("no step"), .step(number), hint: "step \(number) has taken this segment already")
            misses.append(
                miss(segment, run.expectation.differences(from: segment.octets.span) + [taken], at: endpoint))
        }
        for entry in run.backlog.latest(NearMiss.candidates) {
            guard let segment = runSegment(entry, in: run) else { continue }
            var differences = run.expectation.differences(from: segment.octets.span)
            if differences.isEmpty {
                differences = [
                    Difference("timestamp", .word("in time"), .word("too late"), hint: "came when the time was up")
                ]
            }
            misses.append(miss(segment, differences, at: endpoint))
        }
        return run.kept(NearMiss.nearest(of: misses))
    }

    /// The resets that this host's own kernel sent, as near misses.
    mutating func kernelResets(
        against wanted: SegmentExpectation, at expectation: RunPlan.Expectation, in run: RunRuntime
    ) -> [NearMiss] {
        takeResets()
        let endpoint = run.endpoints[expectation.endpoint]
        let hint =
            "the kernel's own RST: this host has no such connection, and the endpoint's guard is "
            + "\"\(endpoint.endpoint.activeGuard.rawValue)\"; give it one that can be had, such as \"auto\""
        let misses = endpoint.kernelResets.prefix(NearMiss.limit).map { reset in
            let direction = Difference("direction", .word("received"), .word("kernel"), hint: hint)
            return miss(reset, [direction] + wanted.differences(from: reset.octets.span), at: endpoint)
        }
        return misses
    }

    private func miss(_ segment: RunSegment, _ differences: [Difference], at endpoint: RunEndpoint) -> NearMiss {
        NearMiss(
            segment: segment,
            differences: DifferenceHint.explain(differences, in: segment, endpoint.initialNumbers))
    }

    /// In what a segment's sender is not the remote.
    private static func strangeness(of segment: RunSegment, to remote: TransportAddress) -> [Difference] {
        var expectation = SegmentExpectation()
        expectation.numbers = [
            .init(.source, .exactly(UInt64(remote.address.rawValue))),
            .init(.sourcePort, .exactly(UInt64(remote.port))),
        ]
        return expectation.differences(from: segment.octets.span)
    }
}

import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// How many reports are taken at a time, so that a flood of them cannot keep the thread.
    private static let reportLimit = 256

    /// Empties a socket's error queue and counts what concerns our endpoints; answers the MTU that this host itself
    /// has told last, if it has.
    @discardableResult
    mutating func takeNetworkErrors(of socket: EngineSocket) -> Int? {
        var mtu: Int?
        for _ in 0..<Self.reportLimit {
            guard let error = try? socket.raw.descriptor.takeNetworkError() else { break }
            mtu = error.localMTU ?? mtu
            // The kernel shows every raw socket every ICMP error, so the quoted addresses and ports decide.
            guard error.origin == .icmp, let quoted = error.quoted else { continue }
            let source = TransportAddress(
                address: IPv4Address(rawValue: quoted.source), port: quoted.sourcePort)
            let destination = TransportAddress(
                address: IPv4Address(rawValue: quoted.destination), port: quoted.destinationPort)
            guard let slot = networks[socket.network].index.slot(local: source, remote: destination),
                let endpoint = slots[slot], endpoint.socket === socket
            else { continue }
            endpoint.counters.icmpErrors.add()
            handle.totals.icmpErrors.add()
            keep(error, of: endpoint, on: socket)
        }
        socket.raw.descriptor.clearPendingError()
        return clearSendingErrors(of: socket) ?? mtu
    }

    /// Forgets what the kernel says of a socket that only sends; the calls that failed have said the same.
    private func clearSendingErrors(of socket: EngineSocket) -> Int? {
        switch socket.sender {
        case .some(let sender):
            var mtu: Int?
            for _ in 0..<Self.reportLimit {
                guard let error = try? sender.descriptor.takeNetworkError() else { break }
                mtu = error.localMTU ?? mtu
            }
            sender.descriptor.clearPendingError()
            return mtu
        case nil: return nil
        }
    }

    /// Puts an error into the ring, with what it quotes.
    private mutating func keep(_ error: NetworkError, of endpoint: EndpointRuntime, on socket: EngineSocket) {
        let now = error.timestampNanoseconds == 0 ? Clock.realtimeNanoseconds : error.timestampNanoseconds
        let report = CaptureRecord.NetworkReport(
            type: error.icmpType, code: error.icmpCode, offender: error.offender, mtu: error.mtu,
            errno: error.code.rawValue)
        let kept = CaptureRecord(
            report, endpoint: endpoint.serial, slot: UInt32(endpoint.slot), socket: socket.serial,
            timestampNanoseconds: now)
        record { engine, ring in
            engine.slotStates[endpoint.slot].latestCapture = engine.append(kept, error.octets.span, to: &ring)
        }
    }

    /// Counts the resets that the kernel sent from our endpoints' ports.
    mutating func takeResets() {
        for network in networks.indices {
            guard let witness = networks[network].witness else { continue }
            takeResets(seenBy: witness, in: network)
        }
    }

    private mutating func takeResets(seenBy witness: EngineNetwork.Witness, in network: Int) {
        for _ in 0..<Self.reportLimit {
            guard let reset = try? witness.socket.next() else { return }
            let path = reset.path
            let source = TransportAddress(address: IPv4Address(rawValue: path.source), port: path.sourcePort)
            let destination = TransportAddress(
                address: IPv4Address(rawValue: path.destination), port: path.destinationPort)
            guard let slot = networks[network].index.slot(local: source, remote: destination),
                let endpoint = slots[slot]
            else { continue }
            endpoint.counters.kernelResets.add()
            handle.totals.kernelResets.add()
            if slotStates[slot].isWatched { keep(kernelReset: reset.datagram, of: endpoint) }
        }
    }
}

extension NetworkError {
    /// The MTU that this host told when it did not send a datagram for its length.
    fileprivate var localMTU: Int? {
        origin == .local && code == .messageTooLong ? Int(mtu) : nil
    }
}

import LinuxSystem
import TCPWire

extension SegmentEngine {
    /// Finds out whether raw sockets can be had, and says so.
    mutating func probeRawSocket() {
        _ = try? openRawSocket(domain: .addressFamily)
    }

    /// The socket an endpoint uses; where there is none yet it comes with the parts, or is opened.
    mutating func socket(
        for definition: EndpointDefinition, in network: Int, from parts: EndpointParts?
    ) throws(EngineError) -> EngineSocket {
        if definition.socket == .shared {
            let shared = networks[network].sharedSockets[definition.trigger]
            if let shared { return shared }
        }
        do throws(Errno) {
            let raw = try rawSocket(for: definition, from: parts)
            if definition.socket == .own {
                // Else the API could take no connection any more.
                guard raw.descriptor.leavesDescriptors(handle.configuration.spareDescriptors) else {
                    throw Errno.tooManyOpenFiles
                }
                // It sends as who it receives as, so through the same socket.
                try raw.bind(to: definition.local.address.rawValue)
                if let remote = definition.remote {
                    try raw.connect(to: remote.address.rawValue, port: remote.port)
                }
            }
            // What arrived before the drop-all filter was in place is nobody's.
            while try receiveBatch.fill(from: raw.descriptor) > 0 {}
            let position = sockets.firstIndex { $0 == nil } ?? sockets.count
            let socket = try EngineSocket(
                serial: nextSocketSerial, position: position, kind: definition.socket, trigger: definition.trigger,
                network: network, raw: raw, sender: try sender(for: definition, from: parts))
            try epoll.add(socket.raw.descriptor, for: socket.events, token: socket.token)
            nextSocketSerial += 1
            if position == sockets.count {
                sockets.append(socket)
            } else {
                sockets[position] = socket
            }
            if socket.kind == .shared {
                networks[network].sharedSockets[socket.trigger] = socket
            }
            return socket
        } catch {
            throw .cannotOpen(what: "a raw socket", error)
        }
    }

    /// Makes a socket listen on a port for one more endpoint, from the end of the turn on.
    mutating func join(_ socket: EngineSocket, port: UInt16) {
        socket.ports[port, default: 0] += 1
        markStale(socket)
    }

    /// Lets go of a port of a socket for one endpoint; the last one closes the socket.
    mutating func leave(_ socket: EngineSocket, port: UInt16) {
        let players = (socket.ports[port] ?? 1) - 1
        socket.ports[port] = players > 0 ? players : nil
        markStale(socket)
        closeUnused(socket)
    }

    /// Closes a socket that nobody plays a port of, nor will soon.
    mutating func closeUnused(_ socket: EngineSocket) {
        guard socket.ports.isEmpty, socket.holds == 0, sockets.indices.contains(socket.position),
            sockets[socket.position] === socket
        else { return }
        sockets[socket.position] = nil
        if networks[socket.network].sharedSockets[socket.trigger] === socket {
            networks[socket.network].sharedSockets[socket.trigger] = nil
        }
        discardUnused(network: socket.network)
        readySockets.removeAll { $0 === socket }
        unflushedSockets.removeAll { $0 === socket }
        transmittingSockets.removeAll { $0 === socket }
        staleSockets.removeAll { $0 === socket }
        if sockets.allSatisfy({ $0 == nil }) {
            sockets = []
        }
    }

    /// Gives a socket a filter for the ports that are played now.
    mutating func renewFilter(of socket: EngineSocket) {
        guard socket.hasStaleFilter else { return }
        do throws(Errno) {
            try socket.raw.listen(through: socket.filter)
            socket.hasStaleFilter = false
        } catch {
            for case let endpoint? in slots where endpoint.socket === socket {
                degrade(endpoint, because: "the kernel did not take the socket's filter: \(error)")
            }
        }
    }

    /// Watches a socket for what it waits for now.
    func watch(_ socket: EngineSocket) {
        // The descriptor is open and watched, so this can fail for want of memory only;
        // the socket is then woken for what it was watched for before.
        switch socket.sender {
        case .some(let sender):
            if socket.obstacle == .fullBuffer {
                try? epoll.add(sender.descriptor, for: .writable, token: socket.token)
            } else {
                try? epoll.remove(sender.descriptor)
            }
        case nil: try? epoll.modify(socket.raw.descriptor, for: socket.events, token: socket.token)
        }
    }

    /// Has a socket's filter renewed at the end of the turn.
    mutating func markStale(_ socket: EngineSocket) {
        guard !socket.hasStaleFilter else { return }
        socket.hasStaleFilter = true
        staleSockets.append(socket)
    }

    private func rawSocket(
        for definition: EndpointDefinition, from parts: EndpointParts?
    ) throws(Errno) -> RawTCPSocket {
        guard let parts else { return try openRawSocket(domain: definition.domain) }
        guard let raw = parts.takeRawSocket() else { throw .badFileDescriptor }
        return raw
    }

    /// What an endpoint sends through beside a socket that it shares.
    private func sender(
        for definition: EndpointDefinition, from parts: EndpointParts?
    ) throws(Errno) -> RawTCPSender? {
        guard definition.socket == .shared else { return nil }
        guard let parts else { return try RawTCPSender(domain: definition.domain) }
        return parts.takeSender()
    }

    private func openRawSocket(domain: SocketDomain) throws(Errno) -> RawTCPSocket {
        do throws(Errno) {
            let raw = try RawTCPSocket(
                domain: domain, receiveBufferOctets: handle.configuration.receiveBufferOctets)
            handle.health.publish(.usable(receiveBufferOctets: raw.receiveBufferOctets))
            return raw
        } catch {
            handle.health.publish(.unusable(error))
            throw error
        }
    }
}

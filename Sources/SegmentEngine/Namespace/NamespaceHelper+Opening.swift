import LinuxSystem
import TCPWire

extension NamespaceHelper {
    /// A shared socket, as far as one is like another.
    private struct SharedSocket: Hashable {
        var room: UInt64
        var trigger: EpollTrigger
    }

    /// Opens what endpoints need, in their namespaces; all of it or nothing.
    mutating func open(
        _ openings: [NamespaceRequest.Opening]
    ) throws(EngineError.Located) -> [Int: EndpointParts] {
        var parts: [Int: EndpointParts] = [:]
        var shared: Set<SharedSocket> = []
        for opening in openings {
            do throws(EngineError) {
                let room = try room(named: opening.namespace)
                let socket = SharedSocket(room: room.number, trigger: opening.definition.trigger)
                let isPresent = opening.sharedRoom == room.number || shared.contains(socket)
                parts[opening.position] = try open(
                    opening, in: room, needsSocket: opening.definition.socket == .own || !isPresent)
                if opening.definition.socket == .shared { shared.insert(socket) }
            } catch {
                for opening in openings {
                    guard let part = parts[opening.position] else { continue }
                    var local = opening.definition.local
                    local.port = part.grant.port
                    release(part.grant.active, of: local, inRoom: part.room)
                }
                throw .init(error, index: opening.position)
            }
        }
        return parts
    }

    /// Lets go of an endpoint's guard, and of its share in the room.
    mutating func release(_ active: KernelGuard, of local: TransportAddress, inRoom number: UInt64) {
        guard let room = rooms[number] else { return }
        room.guards.release(active, of: local)
        room.count(local.address, isPlayed: false)
        room.users -= 1
    }

    /// Opens what an endpoint needs in the room that the thread is in.
    private mutating func open(
        _ opening: NamespaceRequest.Opening, in room: NamespaceRoom, needsSocket: Bool
    ) throws(EngineError) -> EndpointParts {
        let definition = opening.definition
        let local = definition.local
        do throws(Errno) {
            guard try LocalAddress.isOurs(local.address.rawValue) else { throw .addressNotAvailable }
        } catch .addressNotAvailable {
            throw .addressNotLocal(local.address, namespace: opening.namespace)
        } catch {
            throw .cannotOpen(what: "a socket to check the local address", error)
        }
        if let remote = definition.remote { try LinkBroadcast.check(remote.address) }
        var grant: GuardTable.Grant
        do throws(EngineError) {
            grant = try room.guards.acquire(definition.guardChoice, for: local)
        } catch .portHeld(let local, _) {
            throw .portHeld(local, by: holder(of: local, in: room))
        } catch .addressNotLocal(let address, _) {
            throw .addressNotLocal(address, namespace: opening.namespace)
        }
        if !room.isWatched || !room.isNameWatched {
            let unnoticed = "nobody tells the service when the namespace or the address goes (inotify, rtnetlink)"
            grant.warning = grant.warning.map { "\($0); \(unnoticed)" } ?? unnoticed
        }
        do throws(Errno) {
            var sockets = EndpointParts.Sockets()
            if needsSocket {
                sockets.raw = try RawTCPSocket(
                    domain: definition.domain, receiveBufferOctets: handle.configuration.receiveBufferOctets)
                if definition.socket == .shared { sockets.sender = try RawTCPSender(domain: definition.domain) }
            }
            // Without one its resets are not counted, but it runs.
            if grant.active == .none { sockets.witness = try? ResetWitness() }
            room.users += 1
            room.count(local.address, isPlayed: true)
            return EndpointParts(room: room.number, namespace: opening.namespace, grant: grant, sockets)
        } catch {
            room.guards.release(
                grant.active, of: TransportAddress(address: local.address, port: grant.port))
            throw .cannotOpen(what: "a raw socket", error)
        }
    }
}

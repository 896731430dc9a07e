import LinuxSystem
import TCPWire

extension NamespaceHelper {
    /// So long after a change is told of, the kernel is mostly done with it; and what follows a change comes together.
    private static let patienceNanoseconds: UInt64 = 100_000_000
    /// So long after that it is done on a busy host too.
    private static let secondPatienceNanoseconds: UInt64 = 500_000_000

    /// Begins to hear of names that come and go; `false` where that cannot be had.
    func watchNames() -> Bool {
        switch directory {
        case .some(let directory): (try? directory.watch(NetworkNamespace.directory)) != nil
        case nil: false
        }
    }

    /// Tells the engine of namespaces whose names are gone, or have become those of others.
    mutating func noticeNames() {
        switch directory {
        case .some(let directory): directory.takeChanges()
        case nil: break
        }
        for room in rooms.values {
            guard let name = room.name, !room.isGone, NetworkNamespace.identity(of: name) != room.namespace.identity
            else { continue }
            room.isGone = true
            report(.vanished(room: room.number))
        }
    }

    /// Has a room's addresses looked at soon, and hears of no more changes until then.
    mutating func noticeChange(ofRoom number: UInt64) {
        guard let room = number == 0 ? home : rooms[number] else { return }
        room.ignoreChanges(by: epoll)
        room.inspection = .due(at: Clock.monotonicNanoseconds &+ Self.patienceNanoseconds, isLast: false)
    }

    /// How long there is nothing to do, for `epoll_wait(2)`.
    var millisecondsToInspection: CInt {
        var earliest: UInt64?
        for room in [home] + rooms.values {
            guard case .due(let time, _) = room.inspection else { continue }
            earliest = min(earliest ?? time, time)
        }
        guard let earliest else { return -1 }
        let now = Clock.monotonicNanoseconds
        return earliest <= now ? 0 : CInt(clamping: (earliest - now) / 1_000_000 + 1)
    }

    /// Tells the engine of addresses that are gone, in the rooms where it is time to look.
    mutating func inspectDueRooms() {
        let now = Clock.monotonicNanoseconds
        for room in [home] + rooms.values {
            guard case .due(let time, let isLast) = room.inspection, time <= now else { continue }
            if isLast {
                room.inspection = .none
            } else {
                room.inspection = .due(at: now &+ Self.secondPatienceNanoseconds, isLast: true)
                // Before looking, so that what changes from now on is heard of.
                room.hearChanges(by: epoll, token: Token.firstRoom + room.number)
            }
            inspect(room)
        }
    }

    private mutating func inspect(_ room: NamespaceRoom) {
        guard (try? enter(room)) != nil else { return }
        for address in room.addresses.keys {
            // What the kernel cannot tell is taken to be as it was.
            guard (try? LocalAddress.isOurs(address.rawValue)) == false else { continue }
            report(.addressGone(address, room: room.name == nil ? nil : room.number))
        }
    }
}

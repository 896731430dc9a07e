import Glibc
import Locking

/// The open connections, of which the overdue ones are cut off.
final class ConnectionTable: Sendable {
    /// How long a head is waited for while there are more connections than are served.
    private static let crowdedPatienceMilliseconds = 1000

    /// How much comes in by one entrance: whoever fills that of TCP does not keep anybody out of the Unix socket.
    private struct Crowd {
        var count = 0
        /// When a connection last came that was one too many.
        var lastExcess = Int.min
    }

    private struct Contents {
        var connections: [CInt: Connection] = [:]
        var crowds: [ObjectIdentifier: Crowd] = [:]
    }

    private let contents = Locked(Contents())
    private let callers: CallerTable
    /// Rung when the first connection comes.
    private let bell: Bell

    init(bell: Bell, callers: CallerTable) {
        self.bell = bell
        self.callers = callers
    }

    /// Notes a connection that an entrance has accepted, which may have `limit` of them.
    func insert(
        descriptor: CInt, handle: ConnectionHandle, through entrance: Entrance, limit: Int, headMilliseconds: Int
    ) -> Connection {
        let now = MonotonicClock.milliseconds
        let peer = entrance.peer(of: descriptor)
        let caller = callers.enter(Caller.Name(of: peer, at: descriptor))
        return contents.withLock { contents in
            var crowd = contents.crowds[ObjectIdentifier(entrance), default: Crowd()]
            let isExcess = crowd.count >= limit
            crowd.count += 1
            if isExcess { crowd.lastExcess = now }
            contents.crowds[ObjectIdentifier(entrance)] = crowd
            let patience = isExcess ? min(headMilliseconds, Self.crowdedPatienceMilliseconds) : headMilliseconds
            let connection = Connection(
                descriptor: descriptor, handle: handle, entrance: entrance, peer: peer, caller: caller,
                isExcess: isExcess, begin: now, deadline: now + patience)
            contents.connections[descriptor] = connection
            if contents.connections.count == 1 { bell.ring() }
            return connection
        }
    }

    /// Forgets a connection, before its descriptor is closed: the lock keeps the sweep from cutting off another
    /// connection that has come to the same number.
    func remove(_ connection: Connection) {
        contents.withLock { contents in
            guard contents.connections.removeValue(forKey: connection.descriptor) != nil else { return }
            contents.crowds[ObjectIdentifier(connection.entrance)]?.count -= 1
        }
        callers.leave(connection.caller)
    }

    /// Cuts off what is overdue, and tells whether there is any connection.
    ///
    /// While there are more connections than are served, those without a request make room after a short time.
    func sweep(at now: Int) -> Bool {
        contents.withLock { contents in
            let patience = Self.crowdedPatienceMilliseconds
            let crowded = contents.crowds.filter { $0.value.lastExcess >= now - patience }
            for connection in contents.connections.values
            where connection.isOverdue(at: now)
                || crowded[ObjectIdentifier(connection.entrance)] != nil && connection.hasWaited(since: now - patience)
            {
                connection.removeDeadline()
                connection.takeHead()
                shutdown(connection.descriptor, CInt(SHUT_RDWR))
            }
            return !contents.connections.isEmpty
        }
    }

    /// Cuts off all connections and waits, for some time, until they are over.
    func cutOffAll(milliseconds: Int) {
        contents.withLock { contents in
            for connection in contents.connections.values { shutdown(connection.descriptor, CInt(SHUT_RDWR)) }
        }
        for _ in 0..<milliseconds where contents.withLock({ contents in !contents.connections.isEmpty }) {
            usleep(1000)
        }
    }

    /// How many connections are open.
    var count: Int {
        contents.withLock { contents in contents.connections.count }
    }

    /// The first connection found that is so; called on the server's thread.
    func first(where isWanted: (Connection) -> Bool) -> Connection? {
        contents.withLock { contents in contents.connections.values.first(where: isWanted) }
    }
}

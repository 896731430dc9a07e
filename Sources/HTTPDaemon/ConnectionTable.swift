import Glibc
import Locking

/// The open connections, of which the overdue ones are cut off.
final class ConnectionTable: Sendable {
    private let connections = Locked<[CInt: Connection]>([:])
    /// Rung when the first connection comes.
    private let bell: Bell

    init(bell: Bell) {
        self.bell = bell
    }

    /// Notes a connection that an entrance has accepted.
    func insert(descriptor: CInt, through entrance: Entrance, limit: Int, deadline: Int) -> Connection {
        let peer = entrance.peer(of: descriptor)
        return connections.withLock { connections in
            let connection = Connection(
                descriptor: descriptor, isExcess: connections.count >= limit, deadline: deadline, peer: peer,
                isEncrypted: entrance.isEncrypted)
            connections[descriptor] = connection
            if connections.count == 1 { bell.ring() }
            return connection
        }
    }

    /// Forgets a connection, before its descriptor is closed: the lock keeps the sweep from cutting off another
    /// connection that has come to the same number.
    func remove(_ connection: Connection) {
        _ = connections.withLock { connections in connections.removeValue(forKey: connection.descriptor) }
    }

    /// Cuts off what is overdue, and tells whether there is any connection.
    func sweep(at now: Int) -> Bool {
        connections.withLock { connections in
            for connection in connections.values where connection.isOverdue(at: now) {
                connection.removeDeadline()
                shutdown(connection.descriptor, CInt(SHUT_RDWR))
            }
            return !connections.isEmpty
        }
    }
}

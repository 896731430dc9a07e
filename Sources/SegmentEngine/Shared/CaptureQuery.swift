package import CaptureFilter

/// Which captured segments a reader asks for.
package struct CaptureQuery: Hashable, Sendable {
    /// Which way the segments went.
    package enum Direction: String, CaseIterable, Sendable {
        case received
        case sent
        case error
        case any
    }

    /// An endpoint, and the sockets whose losses concern it.
    package struct Subject: Hashable, Sendable {
        package var endpoint: UInt32
        package var sockets: [UInt32]

        package init(endpoint: UInt32, socket: UInt32?) {
            self.endpoint = endpoint
            sockets = socket.map { [$0] } ?? []
        }

        /// An endpoint with the socket it has now, and those that it had and that lost something.
        package init(of endpoint: EndpointRecord) {
            self.init(endpoint: endpoint.serial, socket: endpoint.socket?.serial)
            sockets += endpoint.earlierSockets
        }
    }

    /// Only this endpoint's; `nil`: all.
    package var subject: Subject?
    package var direction: Direction
    /// Those after this number, oldest first; `nil`: the newest, in ascending order.
    package var after: UInt64?
    /// How many at most.
    package var limit: Int
    /// Only those that pass it; `nil`: all.
    package var filter: CaptureFilter?

    package init(
        subject: Subject? = nil, direction: Direction = .received, after: UInt64? = nil, limit: Int = 100,
        filter: CaptureFilter? = nil
    ) {
        self.subject = subject
        self.direction = direction
        self.after = after
        self.limit = limit
        self.filter = filter
    }

    /// Whether the query asks for a record, its filter apart: that is asked of the octets, and not under the lock.
    func matches(_ record: CaptureRecord) -> Bool {
        if let subject, record.endpoint != subject.endpoint { return false }
        return switch (record.kind, direction) {
        case (.loss, _): false
        case (_, .any), (.received, .received), (.sent, .sent), (.error, .error): true
        default: false
        }
    }

    /// Whether a segment this query asks for may have been among a socket's losses.
    func isAffected(byLossOn socket: UInt32) -> Bool {
        guard direction == .received || direction == .any else { return false }
        guard let subject else { return true }
        return subject.sockets.contains(socket)
    }
}

/// Why a cursor cannot be read from.
package enum CursorError: Error, Hashable, Sendable {
    /// The ring no longer holds what follows it: the oldest it has, and how many went.
    case gone(oldest: UInt64, lost: UInt64)
    /// Nothing has that number yet.
    case future(latest: UInt64)
}

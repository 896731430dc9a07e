import Locking

/// Those who call, of whom as many are told apart as there is room for.
final class CallerTable: Sendable {
    /// How many callers are told apart; the others share one rate.
    static let capacity = 4096

    private struct Entry {
        let caller: Caller
        var connections: Int
    }

    private struct Contents {
        var entries: [Caller.Name: Entry] = [:]
        /// When those who are gone may be looked for again.
        var nextSweep = 0
    }

    private let contents = Locked(Contents())
    private let requestsPerSecond: Int
    private let localRequestsPerSecond: Int
    private let others: Caller

    /// Takes the rate of each caller, and that of each address of this machine's loopback.
    init(requestsPerSecond: Int, localRequestsPerSecond: Int) {
        self.requestsPerSecond = requestsPerSecond
        self.localRequestsPerSecond = localRequestsPerSecond
        others = Caller(.others, requestsPerSecond: requestsPerSecond)
    }

    /// Finds who has opened a connection.
    func enter(_ name: Caller.Name) -> Caller {
        contents.withLock { contents in
            if let entry = contents.entries[name] {
                contents.entries[name]?.connections += 1
                return entry.caller
            }
            if contents.entries.count >= Self.capacity {
                let now = MonotonicClock.milliseconds
                // Looking through all of them for each newcomer would be what a flood wants.
                if now >= contents.nextSweep {
                    contents.nextSweep = now + 1000
                    contents.entries = contents.entries.filter { _, entry in
                        entry.connections > 0 || !entry.caller.isForgettable(at: now)
                    }
                }
                guard contents.entries.count < Self.capacity else { return others }
            }
            let caller = Caller(name, requestsPerSecond: rate(of: name))
            contents.entries[name] = Entry(caller: caller, connections: 1)
            return caller
        }
    }

    /// Notes that a connection is over.
    func leave(_ caller: Caller) {
        contents.withLock { contents in contents.entries[caller.name]?.connections -= 1 }
    }

    var count: Int { contents.withLock { contents in contents.entries.count } }

    private func rate(of name: Caller.Name) -> Int {
        switch name {
        case .address(let address): address >> 24 == 127 ? localRequestsPerSecond : requestsPerSecond
        case .user: localRequestsPerSecond
        case .others: requestsPerSecond
        }
    }
}

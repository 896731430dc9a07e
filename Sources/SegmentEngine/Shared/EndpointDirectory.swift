import Locking

/// The endpoints as any thread sees them; the engine publishes, readers never wait for it.
package final class EndpointDirectory: Sendable {
    private struct State {
        var byID: [String: EndpointRecord] = [:]
        /// The present endpoints' serial numbers, ascending.
        var serials: [UInt32] = []
        var bySerial: [UInt32: EndpointRecord] = [:]
        /// Names of removed endpoints whose segments the ring still holds, with the number of the latest.
        var departed: [UInt32: (id: String, namespace: String?, latestCapture: UInt64)] = [:]
        /// With so many of these, it is time to forget those whose segments are gone.
        var departedLimit = 64
        /// How often an endpoint was shown or removed.
        var changes: UInt64 = 0
        var counts = StateCounts()
    }

    /// How many endpoints are in each state.
    package struct StateCounts: Hashable, Sendable {
        package var running = 0
        package var stopped = 0
        package var degraded = 0

        fileprivate mutating func add(_ amount: Int, to state: EndpointRecord.State) {
            switch state {
            case .running: running += amount
            case .stopped: stopped += amount
            case .degraded: degraded += amount
            }
        }
    }

    private let state = Locked(State())

    package init() {}

    package var count: Int {
        state.withLock { $0.serials.count }
    }

    /// How many endpoints are in each state; kept all along, so that asking costs the same for any number of them.
    package var stateCounts: StateCounts {
        state.withLock { $0.counts }
    }

    /// The present bearer of an id.
    package func endpoint(_ id: String) -> EndpointRecord? {
        state.withLock { $0.byID[id] }
    }

    /// Another number whenever an endpoint has changed.
    var changeCount: UInt64 {
        state.withLock { $0.changes }
    }

    /// A present endpoint by its serial number.
    func endpoint(withSerial serial: UInt32) -> EndpointRecord? {
        state.withLock { $0.bySerial[serial] }
    }

    /// The name of an endpoint that is, or was when the ring took its oldest segment.
    package func name(of serial: UInt32) -> String? {
        state.withLock { state in state.bySerial[serial]?.id ?? state.departed[serial]?.id }
    }

    /// The network namespace of an endpoint that is, or was when the ring took its oldest segment.
    package func namespace(of serial: UInt32) -> String? {
        state.withLock { state in
            state.bySerial[serial].map(\.definition.namespace) ?? state.departed[serial]?.namespace
        }
    }

    /// At most `limit` endpoints in the order of their creation, those after a serial number.
    package func page(after serial: UInt32, limit: Int) -> (endpoints: [EndpointRecord], hasMore: Bool) {
        state.withLock { state in
            let first = state.serials.partitioningIndex { $0 > serial }
            let chosen = state.serials[first...].prefix(limit)
            return (endpoints: chosen.compactMap { state.bySerial[$0] }, hasMore: chosen.endIndex < state.serials.count)
        }
    }

    /// Every endpoint, in the order of their creation.
    package var all: [EndpointRecord] {
        state.withLock { state in state.serials.compactMap { state.bySerial[$0] } }
    }

    /// Shows an endpoint that is new or changed.
    func publish(_ record: EndpointRecord) {
        state.withLock { state in
            if let before = state.bySerial.updateValue(record, forKey: record.serial) {
                state.counts.add(-1, to: before.state)
            } else {
                state.serials.append(record.serial)
            }
            state.counts.add(1, to: record.state)
            state.byID[record.id] = record
            state.changes += 1
        }
    }

    /// Shows an endpoint no more; its name stays while the ring holds segments up to `latestCapture`.
    func remove(_ record: EndpointRecord, latestCapture: UInt64, oldestCapture: UInt64) {
        state.withLock { state in
            state.changes += 1
            let index = state.serials.partitioningIndex { $0 >= record.serial }
            if index < state.serials.count, state.serials[index] == record.serial {
                state.serials.remove(at: index)
            }
            if let last = state.bySerial.removeValue(forKey: record.serial) { state.counts.add(-1, to: last.state) }
            if state.byID[record.id]?.serial == record.serial {
                state.byID[record.id] = nil
            }
            // Now and then, so that removing many does not look through all of them each time.
            if state.departed.count >= state.departedLimit {
                state.departed = state.departed.filter { $0.value.latestCapture >= oldestCapture }
                state.departedLimit = max(64, state.departed.count * 2)
            }
            if latestCapture >= oldestCapture {
                state.departed[record.serial] = (
                    id: record.id, namespace: record.definition.namespace, latestCapture: latestCapture
                )
            }
        }
    }
}

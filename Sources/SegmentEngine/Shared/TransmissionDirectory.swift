import Locking

/// The latest transmissions as any thread sees them, a bounded number of them.
package final class TransmissionDirectory: Sendable {
    private struct State {
        var records: [UInt64: TransmissionRecord] = [:]
        /// No transmission before this number is remembered.
        var oldest: UInt64 = 1
        var next: UInt64 = 1
    }

    package let capacity: Int
    private let state = Locked(State())

    package init(capacity: Int) {
        precondition(capacity > 0, "a transmission must be remembered while it is under way")
        self.capacity = capacity
    }

    /// A transmission by its number; `nil` when there is none, or none any more.
    package func transmission(_ number: UInt64) -> TransmissionRecord? {
        state.withLock { $0.records[number] }
    }

    /// Begins a transmission; the oldest one is forgotten when there are too many.
    func begin(endpoint: String, requested: UInt64) -> TransmissionRecord {
        state.withLock { state in
            let record = TransmissionRecord(number: state.next, endpoint: endpoint, requested: requested)
            state.records[record.number] = record
            state.next += 1
            if state.records.count > capacity {
                state.records[state.oldest] = nil
                state.oldest += 1
            }
            return record
        }
    }

    /// At most `limit` transmissions in order, those after a number.
    package func page(after number: UInt64, limit: Int) -> (transmissions: [TransmissionRecord], hasMore: Bool) {
        state.withLock { state in
            let first = max(number &+ 1, state.oldest)
            guard first < state.next else { return (transmissions: [], hasMore: false) }
            let last = min(state.next - 1, first + UInt64(limit) - 1)
            let records = (first...last).compactMap { state.records[$0] }
            return (transmissions: records, hasMore: last < state.next - 1)
        }
    }

    /// Shows a transmission as it is now, if it is still remembered.
    func publish(_ record: TransmissionRecord) {
        state.withLock { state in
            guard state.records[record.number] != nil else { return }
            state.records[record.number] = record
        }
    }

    /// Forgets every transmission, and answers how many there were; numbers go on.
    func removeAll() -> Int {
        state.withLock { state in
            let count = state.records.count
            state.records = [:]
            state.oldest = state.next
            return count
        }
    }
}

import Locking

/// The transmissions under way and the latest that have ended, as any thread sees them.
package final class TransmissionDirectory: Sendable {
    private struct State {
        var records: [UInt64: TransmissionRecord] = [:]
        /// The numbers of all records, ascending.
        var numbers: [UInt64] = []
        /// The numbers of those that have ended, in the order in which they did.
        var ended: ArraySlice<UInt64> = []
        var next: UInt64 = 1
        var counts = StateCounts()
    }

    /// How many transmissions are under way, and how many have ended since the start.
    package struct StateCounts: Hashable, Sendable {
        package var queued = 0
        package var sending = 0
        package var done: UInt64 = 0
        package var cancelled: UInt64 = 0
        package var lost: UInt64 = 0

        fileprivate mutating func change(from before: TransmissionRecord.State, to after: TransmissionRecord.State) {
            guard before != after else { return }
            switch before {
            case .queued: queued -= 1
            case .sending: sending -= 1
            case .done, .cancelled, .lost: break
            }
            switch after {
            case .queued: queued += 1
            case .sending: sending += 1
            case .done: done += 1
            case .cancelled: cancelled += 1
            case .lost: lost += 1
            }
        }
    }

    /// How many are remembered; more only while more are under way.
    package let capacity: Int
    private let state = Locked(State())

    package init(capacity: Int) {
        precondition(capacity > 0, "a transmission must be remembered while it is under way")
        self.capacity = capacity
    }

    package var stateCounts: StateCounts {
        state.withLock { $0.counts }
    }

    /// A transmission by its number; `nil` when there is none, or none any more.
    package func transmission(_ number: UInt64) -> TransmissionRecord? {
        state.withLock { $0.records[number] }
    }

    /// At most `limit` transmissions in order, those after a number.
    package func page(after number: UInt64, limit: Int) -> (transmissions: [TransmissionRecord], hasMore: Bool) {
        state.withLock { state in
            let first = state.numbers.partitioningIndex { $0 > number }
            let chosen = state.numbers[first...].prefix(limit)
            return (
                transmissions: chosen.compactMap { state.records[$0] }, hasMore: chosen.endIndex < state.numbers.count
            )
        }
    }

    /// Shows transmissions of an earlier start, in order; numbers go on after the latest that was given then.
    ///
    /// - Returns: The numbers of those for which there is no room.
    package func restore(_ records: [TransmissionRecord], latest: UInt64) -> [UInt64] {
        state.withLock { state in
            for record in records.suffix(capacity) {
                state.records[record.number] = record
                state.numbers.append(record.number)
                state.ended.append(record.number)
            }
            state.next = max(state.next, latest + 1, (state.numbers.last ?? 0) + 1)
            return records.dropLast(capacity).map(\.number)
        }
    }

    /// Begins a transmission; of those that have ended, the first is forgotten when there are too many.
    ///
    /// `forget` is called, under the lock, with the number of one that is forgotten and was of an earlier start: that
    /// one may still be kept.
    func begin(
        endpoint: String, requested: UInt64, replay: ReplaySummary? = nil, forget: (UInt64) -> Void = { _ in }
    ) -> TransmissionRecord {
        state.withLock { state in
            let record = TransmissionRecord(
                number: state.next, endpoint: endpoint, requested: requested, replay: replay)
            state.next += 1
            state.records[record.number] = record
            state.numbers.append(record.number)
            state.counts.queued += 1
            if state.records.count > capacity, let oldest = state.ended.popFirst() {
                if state.records.removeValue(forKey: oldest)?.restored != nil { forget(oldest) }
                state.numbers.remove(at: state.numbers.partitioningIndex { $0 >= oldest })
            }
            return record
        }
    }

    /// Shows a transmission as it is now, if it is still remembered.
    func publish(_ record: TransmissionRecord) {
        state.withLock { state in
            guard let known = state.records[record.number] else { return }
            state.records[record.number] = record
            state.counts.change(from: known.state, to: record.state)
            if record.hasEnded, !known.hasEnded {
                state.ended.append(record.number)
            }
        }
    }

    /// Forgets every transmission, and answers how many there were; numbers go on.
    func removeAll() -> Int {
        state.withLock { state in
            let count = state.records.count
            // None of them is under way any more.
            var counts = state.counts
            (counts.queued, counts.sending) = (0, 0)
            state = State(next: state.next, counts: counts)
            return count
        }
    }
}

import Locking

/// The runs that are live and the latest that have ended, as any thread sees them.
package final class RunDirectory: Sendable {
    private struct State {
        var records: [UInt64: RunRecord] = [:]
        /// The numbers of all records, ascending.
        var numbers: [UInt64] = []
        /// Those that have ended, in the order in which they did, and how many octets each keeps.
        var ended: ArraySlice<(number: UInt64, octets: Int)> = []
        var endedOctets = 0
        var next: UInt64 = 1
        var counts = StateCounts()

        mutating func forget(_ number: UInt64) {
            records[number] = nil
            let index = numbers.partitioningIndex { $0 >= number }
            if index < numbers.count, numbers[index] == number { numbers.remove(at: index) }
        }
    }

    /// How many runs are live, and how many have ended since the start.
    package struct StateCounts: Hashable, Sendable {
        package var queued = 0
        package var running = 0
        package var satisfied: UInt64 = 0
        package var unsatisfied: UInt64 = 0
        package var inconclusive: UInt64 = 0
        /// Those that were cancelled before they had shown anything.
        package var withoutVerdict: UInt64 = 0

        fileprivate mutating func change(from before: RunRecord, to after: RunRecord) {
            guard before.state != after.state else { return }
            switch before.state {
            case .queued: queued -= 1
            case .running: running -= 1
            case .done, .cancelled, .lost: return
            }
            switch after.state {
            case .queued: queued += 1
            case .running: running += 1
            case .done, .cancelled, .lost: end(with: after.verdict)
            }
        }

        private mutating func end(with verdict: RunRecord.Verdict?) {
            switch verdict {
            case .satisfied: satisfied += 1
            case .unsatisfied: unsatisfied += 1
            case .inconclusive: inconclusive += 1
            case nil: withoutVerdict += 1
            }
        }
    }

    /// How many that have ended are remembered.
    package let capacity: Int
    /// How many octets of segments they may keep together; the first to end go first.
    package let octetCapacity: Int
    private let state = Locked(State())

    package init(capacity: Int, octetCapacity: Int) {
        self.capacity = capacity
        self.octetCapacity = octetCapacity
    }

    package var stateCounts: StateCounts {
        state.withLock { $0.counts }
    }

    /// A run by its number; `nil` when there is none, or none any more.
    package func run(_ number: UInt64) -> RunRecord? {
        state.withLock { $0.records[number] }
    }

    /// At most `limit` runs in order, those after a number.
    package func page(after number: UInt64, limit: Int) -> (runs: [RunRecord], hasMore: Bool) {
        state.withLock { state in
            let first = state.numbers.partitioningIndex { $0 > number }
            let chosen = state.numbers[first...].prefix(limit)
            return (runs: chosen.compactMap { state.records[$0] }, hasMore: chosen.endIndex < state.numbers.count)
        }
    }

    /// Begins a run, which waits for its turn.
    func begin(_ plan: RunPlan, createdAt: Int64) -> RunRecord {
        state.withLock { state in
            let record = RunRecord(number: state.next, plan: plan, createdAt: createdAt)
            state.next += 1
            state.records[record.number] = record
            state.numbers.append(record.number)
            state.counts.queued += 1
            return record
        }
    }

    /// Shows a run as it is now; of those that have ended, the first are forgotten when there are too many.
    ///
    /// - Returns: The numbers of those that are forgotten.
    @discardableResult
    func publish(_ record: RunRecord) -> [UInt64] {
        state.withLock { state in
            guard let known = state.records.updateValue(record, forKey: record.number) else {
                state.records[record.number] = nil
                return []
            }
            state.counts.change(from: known, to: record)
            guard record.hasEnded, !known.hasEnded else { return [] }
            return end(record, in: &state)
        }
    }

    /// Shows runs of an earlier start, in order; numbers go on after the latest that was given then.
    ///
    /// - Returns: The numbers of those for which there is no room.
    package func restore(_ records: [RunRecord], latest: UInt64) -> [UInt64] {
        state.withLock { state in
            var forgotten: [UInt64] = []
            for record in records {
                state.records[record.number] = record
                state.numbers.append(record.number)
                forgotten += end(record, in: &state)
            }
            state.next = max(state.next, latest + 1, (state.numbers.last ?? 0) + 1)
            return forgotten
        }
    }

    /// Takes a run among those that have ended, and forgets the first of them when there are too many.
    private func end(_ record: RunRecord, in state: inout State) -> [UInt64] {
        let octets = record.octets
        state.ended.append((number: record.number, octets: octets))
        state.endedOctets += octets
        var forgotten: [UInt64] = []
        while state.ended.count > capacity || (state.endedOctets > octetCapacity && state.ended.count > 1),
            let oldest = state.ended.popFirst()
        {
            state.endedOctets -= oldest.octets
            state.forget(oldest.number)
            forgotten.append(oldest.number)
        }
        return forgotten
    }

    /// Forgets a run that has ended.
    func remove(_ number: UInt64) {
        state.withLock { state in
            guard let index = state.ended.firstIndex(where: { $0.number == number }) else { return }
            state.endedOctets -= state.ended[index].octets
            state.ended.remove(at: index)
            state.forget(number)
        }
    }

    /// Forgets every run, and answers how many there were; numbers go on.
    func removeAll() -> Int {
        state.withLock { state in
            let count = state.records.count
            // None of them is live any more.
            var counts = state.counts
            (counts.queued, counts.running) = (0, 0)
            state = State(next: state.next, counts: counts)
            return count
        }
    }
}

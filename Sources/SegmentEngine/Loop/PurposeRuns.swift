/// What the datagrams of a batch were made for, in their order; for the engine's thread.
///
/// Neighbours are mostly made for the same, and are noted and counted together.
struct PurposeRuns: ~Copyable {
    /// Datagrams in a row that were made for the same.
    struct Run {
        let purpose: EngineSocket.Purpose
        fileprivate(set) var count: Int
    }

    /// Grows to one for each place of the batch at most.
    private var runs = PlainList<Run>(capacity: 16)
    /// The position of the first run that is not taken.
    private var first = 0

    /// Where the runs are, the front first.
    var indices: Range<Int> { first..<runs.count }

    subscript(position: Int) -> Run { runs[position] }

    /// Whether any of the first datagrams goes into the ring when it leaves.
    func isAnyRecorded(ofFirst count: Int) -> Bool {
        var left = count
        for position in indices where left > 0 {
            if runs[position].purpose.isRecorded { return true }
            left -= runs[position].count
        }
        return false
    }

    /// Notes what so many more datagrams were made for.
    mutating func append(_ purpose: EngineSocket.Purpose, count: Int) {
        guard count > 0 else { return }
        if first < runs.count, runs[runs.count - 1].purpose == purpose {
            runs[runs.count - 1].count += count
        } else {
            runs.append(Run(purpose: purpose, count: count))
        }
    }

    /// Takes datagrams off the front that were made for the same, so many at most; there must be one.
    mutating func takeFirst(atMost limit: Int) -> Run {
        var taken = runs[first]
        taken.count = min(taken.count, limit)
        runs[first].count -= taken.count
        if runs[first].count == 0 {
            first += 1
            if first == runs.count {
                first = 0
                runs.removeAll()
            }
        }
        return taken
    }

    /// Takes out the datagrams that are unwanted, and says which they were: the front is at 0.
    ///
    /// It asks once for each run.
    mutating func remove(where isUnwanted: (EngineSocket.Purpose) -> Bool) -> RangeSet<Int> {
        var unwanted = RangeSet<Int>()
        var wanted = PurposeRuns()
        var place = 0
        for position in indices {
            let run = runs[position]
            if isUnwanted(run.purpose) {
                unwanted.insert(contentsOf: place..<place + run.count)
            } else {
                wanted.append(run.purpose, count: run.count)
            }
            place += run.count
        }
        self = wanted
        return unwanted
    }
}

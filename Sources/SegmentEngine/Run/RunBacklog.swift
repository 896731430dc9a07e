/// The segments that a run's endpoints have received and that no step has taken, the oldest first.
///
/// It holds their numbers in the ring, so that a run costs no copies; what leaves the ring, or is too much, is missed by
/// the steps that had not looked at it.
struct RunBacklog {
    /// How many go at once when there are too many.
    private static let surplus = 1_024

    struct Entry: Equatable {
        /// Counted from the run's first.
        var position: UInt64
        /// In the ring.
        var number: UInt64
        /// By its place among the run's endpoints.
        var endpoint: Int
        /// By the monotonic clock.
        var arrivedAt: UInt64
    }

    private(set) var entries: [Entry] = []
    /// The next entry that the present step has not looked at.
    private(set) var next = 0
    /// How many the present step could not look at.
    private(set) var missed: UInt64 = 0
    /// The position of the segment that comes next.
    private(set) var end: UInt64 = 0
    /// Of each endpoint, how many went that no step took, and the position of the latest.
    private var gone: [(count: UInt64, latest: UInt64)]
    private var endpoint: Int?
    private var first: UInt64 = 0

    init(endpoints: Int) {
        gone = Array(repeating: (count: 0, latest: 0), count: endpoints)
    }

    /// Lets a step begin to look at what an endpoint received from a position on.
    mutating func begin(endpoint: Int, since first: UInt64) {
        self.endpoint = endpoint
        self.first = first
        next = 0
        let gone = gone[endpoint]
        missed = gone.count > 0 && gone.latest >= first ? gone.count : 0
    }

    mutating func append(number: UInt64, endpoint: Int, arrivedAt: UInt64) {
        if entries.count >= RunPlan.maximumBacklog { removeFirst(Self.surplus) }
        entries.append(Entry(position: end, number: number, endpoint: endpoint, arrivedAt: arrivedAt))
        end += 1
    }

    /// Gives up what the ring holds no more.
    mutating func removeAll(before oldest: UInt64) {
        guard let first = entries.first, first.number < oldest else { return }
        removeFirst(entries.partitioningIndex { $0.number >= oldest })
    }

    /// The next segment for the present step to look at; `nil` when it has seen all there are.
    var candidate: Entry? {
        mutating get {
            while next < entries.count {
                let entry = entries[next]
                if isOfPresentStep(entry) { return entry }
                next += 1
            }
            return nil
        }
    }

    /// Leaves the candidate for later steps.
    mutating func leave() {
        next += 1
    }

    /// Takes the candidate out.
    mutating func take() {
        entries.remove(at: next)
    }

    /// What the present step may look at, the latest ones.
    func latest(_ limit: Int) -> [Entry] {
        entries.reversed().lazy.filter(isOfPresentStep).prefix(limit).reversed()
    }

    private func isOfPresentStep(_ entry: Entry) -> Bool {
        entry.endpoint == endpoint && entry.position >= first
    }

    private mutating func removeFirst(_ count: Int) {
        for (place, entry) in entries.prefix(count).enumerated() {
            gone[entry.endpoint].count += 1
            gone[entry.endpoint].latest = entry.position
            if place >= next, isOfPresentStep(entry) { missed += 1 }
        }
        entries.removeFirst(count)
        next = max(0, next - count)
    }
}

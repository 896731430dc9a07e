/// A query on its way through the ring: what it has found, and how far it has come.
package struct CaptureReading: Sendable {
    /// How much one reader copies before all is there that it waits for; what follows stays in the ring until then.
    static let heldOctetLimit = 256 << 10

    /// What it has copied; counts the losses of exactly that window.
    package private(set) var page: CapturePage
    /// How many segments must match before whoever waits is answered.
    package let count: Int
    /// Whether it is for a reader who must know where something is missing: a loss is an answer too, and none comes
    /// after a segment of the same page.
    private let tellsLosses: Bool
    private(set) var query: CaptureQuery
    /// How many segments match so far, those included that are not copied yet.
    private var matched = 0
    /// The number of the latest record that was looked at.
    private var position: UInt64
    /// Whether its page ended because something is missing after it.
    private var endsBeforeLoss = false

    /// A reading of what comes after a number, whether the ring still holds that or not.
    package init(_ query: CaptureQuery, after cursor: UInt64, count: Int = 1, tellsLosses: Bool = false) {
        self.query = query
        self.count = count
        self.tellsLosses = tellsLosses
        position = cursor
        page = CapturePage(oldest: 1)
        page.next = cursor
    }

    /// Whether there is what was waited for.
    package var isSatisfied: Bool {
        matched >= count || (tellsLosses && page.hasLosses)
    }

    /// Whether it has looked at every record up to that one.
    func hasReached(_ last: UInt64) -> Bool { position >= last }

    /// Notes the oldest number that the ring held when the page was completed.
    mutating func note(oldest: UInt64) {
        page.oldest = oldest
    }

    /// Follows its endpoint to the sockets it has now; false when there is no such endpoint any more.
    mutating func follow(_ directory: EndpointDirectory) -> Bool {
        guard let subject = query.subject else { return true }
        guard let endpoint = directory.endpoint(withSerial: subject.endpoint) else { return false }
        query.subject = CaptureQuery.Subject(of: endpoint)
        return true
    }

    /// Whether its page takes nothing more.
    func isFull(_ octetLimit: Int) -> Bool {
        page.items.count >= query.limit || page.weight >= octetLimit || endsBeforeLoss
    }

    /// Copies the records that follow, up to one of them and as far as the page takes them.
    mutating func copy(
        from ring: borrowing CaptureRing, upTo last: UInt64, octetLimit: Int, _ budget: inout CaptureBudget
    ) {
        skipWhatIsGone(from: ring)
        while page.next < last, page.next + 1 < ring.nextNumber, !isFull(octetLimit), !budget.isSpent {
            copyNext(from: ring, &budget)
        }
    }

    /// Looks at the records that follow, up to one of them, until there is what was waited for.
    ///
    /// It copies on the way as much as it may hold.
    mutating func look(at ring: borrowing CaptureRing, upTo last: UInt64, _ budget: inout CaptureBudget) {
        if position == page.next {
            skipWhatIsGone(from: ring)
        } else if position + 1 < ring.oldestNumber {
            position = ring.oldestNumber - 1
        }
        while position < last, position + 1 < ring.nextNumber, !isSatisfied, !budget.isSpent {
            if position == page.next, page.weight < Self.heldOctetLimit {
                copyNext(from: ring, &budget)
            } else {
                position += 1
                budget.looks -= 1
                if query.matches(ring.record(position)) { matched += 1 }
            }
        }
    }

    private mutating func skipWhatIsGone(from ring: borrowing CaptureRing) {
        guard page.next + 1 < ring.oldestNumber else { return }
        if tellsLosses, !page.items.isEmpty {
            endsBeforeLoss = true
            return
        }
        page.skipWhatIsGone(from: ring)
        position = max(position, page.next)
    }

    private mutating func copyNext(from ring: borrowing CaptureRing, _ budget: inout CaptureBudget) {
        let number = page.next + 1
        let record = ring.record(number)
        budget.looks -= 1
        if query.matches(record) {
            page.append(number, from: ring)
            budget.copies -= 1
            if number > position { matched += 1 }
        } else if record.kind == .loss, query.isAffected(byLossOn: record.socket) {
            if tellsLosses, !page.items.isEmpty {
                endsBeforeLoss = true
                return
            }
            page.lostInKernel += UInt64(record.lost)
        }
        page.next = number
        position = max(position, number)
    }
}

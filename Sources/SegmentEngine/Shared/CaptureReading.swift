import CaptureFilter

/// A query on its way through the ring: what it has found, and how far it has come.
///
/// It goes in steps: under the ring's lock it gathers what may matter, a bounded part at a time, and after it has let
/// go it sifts that, which is where filters run.
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
    /// What was gathered and is not sifted yet: segments that match but for the filter, and losses.
    private var gathered = CapturePage(oldest: 1)
    /// Whether that follows the page, and not what was looked at beyond it.
    private var followsPage = true
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

    /// Whether its page takes nothing more.
    func isFull(_ octetLimit: Int) -> Bool {
        page.items.count >= query.limit || page.weight >= octetLimit || endsBeforeLoss
    }

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

    /// Gathers what comes after the page, up to a number.
    mutating func gather(from ring: borrowing CaptureRing, upTo last: UInt64, octetLimit: Int) {
        followsPage = true
        gather(after: page.next, from: ring, upTo: last, octetLimit: octetLimit)
    }

    /// Gathers what it has not looked at yet, up to a number; answers how many records that was.
    mutating func lookAhead(in ring: borrowing CaptureRing, upTo last: UInt64) -> UInt64 {
        let before = position
        followsPage = position == page.next && !isFull(Self.heldOctetLimit)
        gather(after: position, from: ring, upTo: last, octetLimit: Self.heldOctetLimit)
        return gathered.next - before
    }

    private mutating func gather(
        after number: UInt64, from ring: borrowing CaptureRing, upTo last: UInt64, octetLimit: Int
    ) {
        gathered = CapturePage(oldest: 1)
        gathered.next = number
        gathered.skipWhatIsGone(from: ring)
        let end = min(last, ring.nextNumber - 1, gathered.next + UInt64(CaptureLog.scanSize))
        while gathered.next < end, gathered.items.count < CaptureLog.batchSize, gathered.weight < octetLimit {
            let number = gathered.next + 1
            let record = ring.record(number)
            if query.matches(record) || (record.kind == .loss && query.isAffected(byLossOn: record.socket)) {
                gathered.append(number, from: ring)
            }
            gathered.next = number
        }
    }

    /// Takes from what was gathered what the page takes, or counts what matches beyond it.
    mutating func sift(octetLimit: Int = heldOctetLimit) {
        var reached = gathered.next
        if followsPage {
            reached = takeIntoPage(octetLimit)
            page.next = reached
        } else {
            matched += gathered.items.count { passes($0) }
        }
        position = max(position, reached)
        gathered = CapturePage(oldest: 1)
    }

    /// Takes what was gathered into the page, as far as that has room, and answers up to which number.
    private mutating func takeIntoPage(_ octetLimit: Int) -> UInt64 {
        if gathered.hasLosses {
            guard !tellsLosses || page.items.isEmpty else {
                endsBeforeLoss = true
                return page.next
            }
            page.lostInRing += gathered.lostInRing
            page.lostInKernel += gathered.lostInKernel
        }
        for item in gathered.items {
            if item.record.kind == .loss {
                guard !tellsLosses || page.items.isEmpty else {
                    endsBeforeLoss = true
                    return item.number - 1
                }
                page.lostInKernel += UInt64(item.record.lost)
            } else if passes(item) {
                page.append(item, of: gathered)
                if item.number > position { matched += 1 }
                // What was gathered after it belongs to the next page.
                if isFull(octetLimit) { return item.number }
            }
        }
        return gathered.next
    }

    private func passes(_ item: CapturePage.Item) -> Bool {
        guard item.record.kind != .loss else { return false }
        guard let filter = query.filter else { return true }
        return filter.admits(gathered.datagram(item))
    }
}

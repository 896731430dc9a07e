/// Captured segments, copied out of the ring.
package struct CapturePage: Sendable {
    /// One segment of a page.
    package struct Item: Sendable {
        package var number: UInt64
        package var record: CaptureRecord
        fileprivate var range: Range<Int>
    }

    package private(set) var items: [Item] = []
    /// The cursor to go on from.
    package var next: UInt64 = 0
    /// The oldest number the ring held.
    package var oldest: UInt64
    /// Datagrams that socket buffers lost within what was read.
    package var lostInKernel: UInt64 = 0
    /// Records that left the ring while it was read.
    package var lostInRing: UInt64 = 0

    /// The octets of all items, one after the other.
    private var octets: [UInt8] = []

    init(oldest: UInt64) {
        self.oldest = oldest
    }

    /// Whether anything is missing in it.
    package var hasLosses: Bool { lostInKernel > 0 || lostInRing > 0 }

    /// What it takes of memory, nearly, in octets.
    var weight: Int { octets.count + items.count * MemoryLayout<Item>.stride }

    /// Goes on with the oldest record there is, and counts those that are gone.
    mutating func skipWhatIsGone(from ring: borrowing CaptureRing) {
        guard next + 1 < ring.oldestNumber else { return }
        lostInRing += ring.oldestNumber - next - 1
        next = ring.oldestNumber - 1
    }

    /// The octets of an item, the IPv4 header first.
    @_lifetime(borrow self)
    package func datagram(_ item: Item) -> Span<UInt8> {
        let span = octets.span.extracting(item.range)
        return unsafe _overrideLifetime(span, borrowing: self)
    }

    /// Takes over an item of another page.
    mutating func append(_ item: Item, of other: borrowing CapturePage) {
        let start = octets.count
        octets += other.octets[item.range]
        items.append(Item(number: item.number, record: item.record, range: start..<octets.count))
    }

    mutating func append(_ number: UInt64, from ring: borrowing CaptureRing) {
        let record = ring.record(number)
        let start = octets.count
        ring.copyOctets(of: record, to: &octets)
        items.append(Item(number: number, record: record, range: start..<octets.count))
    }
}

/// The segments that a query asks for, a part at a time, up to the latest there was when it began.
///
/// It holds a cursor and no segments: whoever reads it slowly is told what has left the ring meanwhile.
package struct CaptureExtract: Sendable {
    /// How much of datagrams comes at a time, about, in octets.
    private static let partOctets = 64 << 10
    /// How many records are looked at for one part at most.
    private static let partRecords: UInt64 = 8192

    private let captures: CaptureLog
    private var query: CaptureQuery
    private var cursor: UInt64
    private let last: UInt64

    /// - Throws: ``CursorError`` when the query's cursor is not one of the ring's.
    package init(_ query: CaptureQuery, of captures: CaptureLog) throws(CursorError) {
        let start = try captures.start(of: query)
        self.captures = captures
        self.query = query
        cursor = start.first - 1
        last = start.last
    }

    /// The next part, `nil` after the last; what was lost in it was lost before its first segment.
    package mutating func next() -> CapturePage? {
        guard cursor < last, query.limit > 0 else { return nil }
        var reading = CaptureReading(query, after: cursor, tellsLosses: true)
        captures.copy(to: &reading, upTo: min(last, cursor + Self.partRecords), octetLimit: Self.partOctets)
        var page = reading.page
        if page.next > last {
            // What left the ring beyond the end was never asked for.
            page.lostInRing -= min(page.lostInRing, page.next - last)
        }
        cursor = page.next
        query.limit -= page.items.count
        return page
    }
}

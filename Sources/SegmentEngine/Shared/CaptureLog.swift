import Locking

/// The capture ring as threads share it.
///
/// The engine writes a batch at a time, readers copy out a batch at a time; both
/// hold the lock for at most ``batchSize`` datagrams, and nobody encodes under it.
package final class CaptureLog: Sendable {
    /// How many datagrams are read or written under one lock at most.
    static let batchSize = 64
    /// How many records a reader looks at under one lock at most.
    static let scanSize = 1024

    package let capacity: Int
    package let octetCapacity: Int
    let ring: Locked<CaptureRing>

    package init(capacity: Int, octetCapacity: Int) {
        self.capacity = capacity
        self.octetCapacity = octetCapacity
        ring = Locked(CaptureRing(capacity: capacity, octetCapacity: octetCapacity))
    }

    /// The number of the latest record; 0 before the first.
    package var latestNumber: UInt64 {
        ring.withLock { $0.nextNumber - 1 }
    }

    /// The number of the oldest record held.
    package var oldestNumber: UInt64 {
        ring.withLock { $0.oldestNumber }
    }

    /// Writes under the lock; for the engine, at most ``batchSize`` datagrams at a time.
    func write<Result>(_ body: (inout CaptureRing) -> Result) -> Result {
        ring.withLock { ring in body(&ring) }
    }

    /// One segment by its number; `nil` when the ring does not hold it.
    package func segment(_ number: UInt64) -> CapturePage? {
        ring.withLock { ring in
            guard number >= ring.oldestNumber, number < ring.nextNumber, ring.record(number).kind != .loss else {
                return nil
            }
            var page = CapturePage(oldest: ring.oldestNumber)
            page.append(number, from: ring)
            page.next = number
            return page
        }
    }

    /// Copies the datagram of a number into a buffer, and answers when it was captured; `nil` when the ring does not
    /// hold it.
    func copyDatagram(_ number: UInt64, to octets: inout [UInt8]) -> Int64? {
        ring.withLock { ring in
            guard number >= ring.oldestNumber, number < ring.nextNumber else { return nil }
            let record = ring.record(number)
            octets.removeAll(keepingCapacity: true)
            ring.copyOctets(of: record, to: &octets)
            return record.timestampNanoseconds
        }
    }

    /// The segments that a query asks for.
    ///
    /// - Throws: ``CursorError`` when the query's cursor is not one of the ring's.
    package func page(for query: CaptureQuery) throws(CursorError) -> CapturePage {
        let start = try start(of: query)
        if let filter = query.filter {
            return page(for: query, passing: filter, from: start.first, to: start.last, oldest: start.oldest)
        }
        var page = CapturePage(oldest: start.oldest)
        var number = start.first
        page.next = number - 1
        while number <= start.last, page.items.count < query.limit {
            ring.withLock { ring in
                if number < ring.oldestNumber {
                    page.lostInRing += ring.oldestNumber - number
                    number = ring.oldestNumber
                }
                var copied = 0
                var scanned = 0
                while number <= start.last, number < ring.nextNumber, page.items.count < query.limit,
                    copied < Self.batchSize, scanned < Self.scanSize
                {
                    let record = ring.record(number)
                    if query.matches(record) {
                        page.append(number, from: ring)
                        copied += 1
                    } else if record.kind == .loss, query.isAffected(byLossOn: record.socket) {
                        page.lostInKernel += UInt64(record.lost)
                    }
                    page.next = number
                    number += 1
                    scanned += 1
                }
            }
        }
        return page
    }

    /// Where a query begins, and the latest record there was when it came.
    private func start(of query: CaptureQuery) throws(CursorError) -> (first: UInt64, last: UInt64, oldest: UInt64) {
        let (oldest, last) = ring.withLock { ring in (ring.oldestNumber, ring.nextNumber - 1) }
        guard let cursor = query.after else {
            let first =
                query.filter.map { newest(query.limit, passing: $0, for: query, from: last) }
                ?? newest(query.limit, for: query, from: last)
            return (first: first, last: last, oldest: oldest)
        }
        guard cursor <= last else { throw .future(latest: last) }
        guard cursor + 1 >= oldest else { throw .gone(oldest: oldest, lost: oldest - cursor - 1) }
        return (first: cursor + 1, last: last, oldest: oldest)
    }

    /// The number from which on there are at most `limit` segments that match.
    private func newest(_ limit: Int, for query: CaptureQuery, from last: UInt64) -> UInt64 {
        var number = last + 1
        var found = 0
        var isAtOldest = false
        while found < limit, !isAtOldest {
            ring.withLock { ring in
                var scanned = 0
                while found < limit, scanned < Self.scanSize, number > ring.oldestNumber {
                    number -= 1
                    scanned += 1
                    if query.matches(ring.record(number)) { found += 1 }
                }
                isAtOldest = number <= ring.oldestNumber
            }
        }
        return number
    }
}

import Locking

/// The capture ring as threads share it.
///
/// The engine writes, and readers copy out, ``batchSize`` datagrams under one lock at most, and nobody encodes under it.
package final class CaptureLog: Sendable {
    /// How many datagrams are copied in or out under one lock at most.
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

    /// How many records are held, and how many octets they take.
    package var use: (records: Int, octets: Int) {
        ring.withLock { ring in (records: ring.count, octets: ring.octetCount) }
    }

    /// Whether memory that the next records will take is still to be provided.
    package var lacksMemory: Bool {
        ring.withLock { $0.lacksMemory }
    }

    /// Has the kernel provide memory that the next records will take; for a thread that may be held up.
    func provideMemory() {
        while let piece = ring.withLock({ $0.takeLackingMemory() }) { piece.provide() }
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
        var reading = CaptureReading(query, after: start.first - 1)
        reading.note(oldest: start.oldest)
        copy(to: &reading, upTo: start.last, octetLimit: .max)
        return reading.page
    }

    /// Begins to wait for segments: for those after the query's cursor or, without one, for new ones.
    ///
    /// - Throws: ``CursorError`` when the query's cursor is not one of the ring's.
    package func reading(of query: CaptureQuery, count: Int) throws(CursorError) -> CaptureReading {
        guard query.after != nil else { return CaptureReading(query, after: latestNumber, count: count) }
        let start = try start(of: query)
        var reading = CaptureReading(query, after: start.first - 1, count: count)
        while !reading.isSatisfied, !reading.hasReached(start.last) {
            ring.withLock { ring in _ = reading.lookAhead(in: ring, upTo: start.last) }
            reading.sift()
        }
        return reading
    }

    /// Copies what a reading has not copied yet of what there is now, up to its query's limit and until it has so many
    /// octets; false when its endpoint is gone.
    @discardableResult
    package func complete(
        _ reading: inout CaptureReading, in directory: EndpointDirectory, octetLimit: Int = .max
    ) -> Bool {
        let (oldest, last) = ring.withLock { ring in (ring.oldestNumber, ring.nextNumber - 1) }
        // After the latest number was read: what was lost up to that was lost by sockets that are known now.
        let isThere = reading.follow(directory)
        reading.note(oldest: oldest)
        copy(to: &reading, upTo: last, octetLimit: octetLimit)
        return isThere
    }

    /// Lets several readings look at what is new, each at a part of it at most.
    func advance<Waiting>(
        _ waiting: inout [Waiting], _ reading: WritableKeyPath<Waiting, CaptureReading>, upTo last: UInt64
    ) {
        var index = 0
        while index < waiting.count {
            let first = index
            ring.withLock { ring in
                var looks: UInt64 = 0
                while index < waiting.count, looks < Self.scanSize {
                    looks += waiting[index][keyPath: reading].lookAhead(in: ring, upTo: last)
                    index += 1
                }
            }
            for position in first..<index { waiting[position][keyPath: reading].sift() }
        }
    }

    /// Copies what a reading asks for up to a number, in steps.
    func copy(to reading: inout CaptureReading, upTo last: UInt64, octetLimit: Int) {
        while reading.page.next < last, !reading.isFull(octetLimit) {
            ring.withLock { ring in reading.gather(from: ring, upTo: last, octetLimit: octetLimit) }
            reading.sift(octetLimit: octetLimit)
        }
    }

    /// Where a query begins, and the latest record there was when it came.
    func start(of query: CaptureQuery) throws(CursorError) -> (first: UInt64, last: UInt64, oldest: UInt64) {
        let (oldest, last) = ring.withLock { ring in (ring.oldestNumber, ring.nextNumber - 1) }
        guard let cursor = query.after else {
            guard query.limit < capacity else { return (first: oldest, last: last, oldest: oldest) }
            let first =
                query.filter.map { newest(query.limit, passing: $0, for: query, from: last) }
                ?? newest(query.limit, for: query, from: last)
            return (first: first, last: last, oldest: oldest)
        }
        guard cursor <= last else { throw .future(latest: last) }
        guard cursor + 1 >= oldest else {
            throw ring.withLock { ring in
                let missed = ring.missed(after: cursor) { query.isAffected(byLossOn: $0) }
                return .gone(oldest: ring.oldestNumber, lost: missed.segments, lostInKernel: missed.inKernel)
            }
        }
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

import CaptureFilter
import Locking

/// Reading through a filter: what might be asked for is copied under the lock, at most a batch at a time, and the filter
/// runs over the copy.
extension CaptureLog {
    /// The segments from `first` to `last` that a query asks for and that pass a filter.
    func page(
        for query: CaptureQuery, passing filter: CaptureFilter, from first: UInt64, to last: UInt64, oldest: UInt64
    ) -> CapturePage {
        var page = CapturePage(oldest: oldest)
        var number = first
        page.next = first - 1
        while number <= last, page.items.count < query.limit {
            var batch = CapturePage(oldest: oldest)
            ring.withLock { ring in
                if number < ring.oldestNumber {
                    page.lostInRing += ring.oldestNumber - number
                    number = ring.oldestNumber
                }
                let end = min(last + 1, ring.nextNumber, number + UInt64(Self.scanSize))
                while number < end, batch.items.count < Self.batchSize {
                    let record = ring.record(number)
                    if query.matches(record) || (record.kind == .loss && query.isAffected(byLossOn: record.socket)) {
                        batch.append(number, from: ring)
                    }
                    number += 1
                }
            }
            for item in batch.items {
                if item.record.kind == .loss {
                    page.lostInKernel += UInt64(item.record.lost)
                } else if filter.admits(batch.datagram(item)) {
                    page.append(item, of: batch)
                    if page.items.count == query.limit {
                        // What was copied after it belongs to the next page.
                        page.next = item.number
                        return page
                    }
                }
            }
            page.next = number - 1
        }
        return page
    }

    /// The number from which on at most `limit` segments match a query and pass its filter.
    func newest(_ limit: Int, passing filter: CaptureFilter, for query: CaptureQuery, from last: UInt64) -> UInt64 {
        var number = last + 1
        var found = 0
        var isAtOldest = false
        while !isAtOldest {
            var batch = CapturePage(oldest: 0)
            ring.withLock { ring in
                var scanned = 0
                while scanned < Self.scanSize, batch.items.count < Self.batchSize, number > ring.oldestNumber {
                    number -= 1
                    scanned += 1
                    if query.matches(ring.record(number)) { batch.append(number, from: ring) }
                }
                isAtOldest = number <= ring.oldestNumber
            }
            for item in batch.items where filter.admits(batch.datagram(item)) {
                found += 1
                if found == limit { return item.number }
            }
        }
        return number
    }
}

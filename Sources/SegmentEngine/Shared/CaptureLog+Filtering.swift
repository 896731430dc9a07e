import CaptureFilter
import Locking

/// Reading through a filter: what might be asked for is copied under the lock, at most a batch at a time, and the filter
/// runs over the copy.
extension CaptureLog {
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

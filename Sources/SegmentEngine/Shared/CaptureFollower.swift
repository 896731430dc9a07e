import Locking

/// A reader who takes what matches for as long as it wants to, at its own pace.
///
/// It holds a cursor and no more: whoever is slow falls behind the ring, and is told what is missing.
package struct CaptureFollower: Sendable {
    /// How much of datagrams comes at a time, about, in octets.
    private static let pageOctets = 64 << 10
    /// After how long without anything it says so.
    package static let quietNanoseconds: UInt64 = 15_000_000_000

    /// What comes next.
    package enum Step: Sendable {
        /// What was lost, and then segments; one or the other may be missing.
        case page(CapturePage)
        /// Nothing for a while.
        case quiet
        /// Nothing yet; `wake` will be called.
        case later
        /// Nothing any more, because the endpoint is gone.
        case end
    }

    /// Where the watch leaves what it has found.
    private final class Delivery: Sendable {
        private let reading = Locked<CaptureReading?>(nil)

        func put(_ found: CaptureReading) {
            reading.withLock { reading in reading = found }
        }

        func take() -> CaptureReading? {
            reading.withLock { reading in
                defer { reading = nil }
                return reading
            }
        }
    }

    private let engine: EngineHandle
    private var query: CaptureQuery
    private var cursor: UInt64
    private let delivery = Delivery()
    private var isWaiting = false

    /// A follower from a cursor on, whether the ring still holds what comes next or not.
    package init(_ query: CaptureQuery, after cursor: UInt64, of engine: EngineHandle) {
        self.query = query
        self.cursor = cursor
        self.engine = engine
    }

    /// What comes next; after ``Step/later``, `wake` is called once from the watch's thread.
    package mutating func next(wake: @escaping @Sendable () -> Void) -> Step {
        let found = delivery.take()
        if isWaiting, found == nil { return .later }
        isWaiting = false
        var reading = found ?? CaptureReading(query, after: cursor, tellsLosses: true)
        let isThere = engine.captures.complete(&reading, in: engine.endpoints, octetLimit: Self.pageOctets)
        query = reading.query
        cursor = reading.page.next
        guard reading.page.items.isEmpty, !reading.page.hasLosses else { return .page(reading.page) }
        guard isThere else { return .end }
        guard found == nil else { return .quiet }
        isWaiting = true
        let next = CaptureReading(query, after: cursor, tellsLosses: true)
        engine.watch.wait(next, nanoseconds: Self.quietNanoseconds) { [delivery] reading in
            delivery.put(reading)
            wake()
        }
        return .later
    }
}

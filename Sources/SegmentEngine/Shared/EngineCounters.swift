package import LinuxSystem
import Locking
package import TCPWire

/// What happened at one endpoint, or at all of them; the engine counts, any thread reads.
///
/// Each count is exact. A snapshot taken while the engine works may have one count
/// some segments ahead of another.
package final class EngineCounters: Sendable {
    /// What received segments count.
    let received: ReceivedCounters
    private let pool: CounterPool
    package let segmentsSent = Counter()
    package let octetsSent = Counter()
    package let replies = Counter()
    package let repliesSuppressed = Counter()
    package let kernelDrops = Counter()
    package let kernelResets = Counter()
    package let icmpErrors = Counter()
    /// What a filter of an endpoint on a shared socket did not let pass.
    package let filtered = Counter()
    /// In the order of ``SendOutcome/position``.
    private let outcomes: [6 of Counter] = .init { _ in Counter() }
    /// Failed sends by errno; failing is rare, so a lock is cheap enough.
    private let errors = Locked<[Errno: UInt64]>([:])

    /// Counters in a pool, which they keep as long as they are.
    init(in pool: CounterPool) {
        self.pool = pool
        received = pool.take()
    }

    /// Counters by themselves.
    package convenience init() {
        self.init(in: CounterPool())
    }

    deinit {
        pool.giveBack(received)
    }

    package var segmentsReceived: UInt64 { received.segments.value }
    package var octetsReceived: UInt64 { received.octets.value }
    package var checksumsValid: UInt64 { received.valid.value }
    package var checksumsPartial: UInt64 { received.partial.value }
    package var checksumsIncorrect: UInt64 { received.incorrect.value }
    package var malformed: UInt64 { received.malformed.value }
    package var ringEvictions: UInt64 { received.evictions.value }

    /// Counts sent segments, of so many octets in all.
    func countSent(_ count: Int, octets: Int, areReplies: Bool) {
        segmentsSent.add(UInt64(count))
        octetsSent.add(UInt64(octets))
        outcomes[SendOutcome.sent.position].add(UInt64(count))
        if areReplies { replies.add(UInt64(count)) }
    }

    /// Counts a segment that was not sent.
    func countUnsent(_ outcome: SendOutcome, error: Errno?) {
        outcomes[outcome.position].add()
        guard let error else { return }
        errors.withLock { errors in errors[error, default: 0] += 1 }
    }

    package func received(_ flag: TCPFlags) -> UInt64 { received.with(flag) }

    package func ended(_ outcome: SendOutcome) -> UInt64 {
        outcomes[outcome.position].value
    }

    /// Failed sends by errno, ascending.
    package var sendErrors: [(error: Errno, count: UInt64)] {
        errors.withLock { $0 }.sorted { $0.key.rawValue < $1.key.rawValue }.map { (error: $0.key, count: $0.value) }
    }
}

package import LinuxSystem
import Locking
package import TCPWire

/// What happened at one endpoint, or at all of them; the engine counts, any thread reads.
///
/// Each count is exact. A snapshot taken while the engine works may have one count
/// a segment ahead of another.
package final class EngineCounters: Sendable {
    // What each received segment counts comes first, in as few lines of the cache as it takes.
    package let segmentsReceived = Counter()
    package let octetsReceived = Counter()
    package let checksumsValid = Counter()
    package let ringEvictions = Counter()
    /// In the order of the bits of ``TCPFlags``.
    private let flags: [8 of Counter] = .init { _ in Counter() }
    package let segmentsSent = Counter()
    package let octetsSent = Counter()
    package let replies = Counter()
    package let repliesSuppressed = Counter()
    package let malformed = Counter()
    package let kernelDrops = Counter()
    package let kernelResets = Counter()
    package let icmpErrors = Counter()
    /// What a filter of an endpoint on a shared socket did not let pass.
    package let filtered = Counter()
    package let checksumsPartial = Counter()
    package let checksumsIncorrect = Counter()
    /// In the order of ``SendOutcome/position``.
    private let outcomes: [6 of Counter] = .init { _ in Counter() }
    /// Failed sends by errno; failing is rare, so a lock is cheap enough.
    private let errors = Locked<[Errno: UInt64]>([:])

    package init() {}

    @inline(__always)
    func countReceived(_ arrival: borrowing Arrival) {
        segmentsReceived.add()
        octetsReceived.add(UInt64(arrival.segmentLength))
        if !arrival.malformed.isEmpty { malformed.add() }
        switch arrival.checksum {
        case .valid: checksumsValid.add()
        case .partial: checksumsPartial.add()
        case .incorrect: checksumsIncorrect.add()
        case nil: break
        }
        guard let flags = arrival.flags else { return }
        var bits = flags.rawValue
        while bits != 0 {
            self.flags[bits.trailingZeroBitCount].add()
            bits &= bits &- 1
        }
    }

    /// Counts segments that were counted together.
    func countReceived(_ tally: borrowing ReceivedTally) {
        segmentsReceived.add(tally.segments)
        octetsReceived.add(tally.octets)
        malformed.add(tally.malformed)
        checksumsValid.add(tally.valid)
        checksumsPartial.add(tally.partial)
        checksumsIncorrect.add(tally.incorrect)
        for bit in flags.indices {
            flags[bit].add(tally.flags[bit])
        }
    }

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

    package func received(_ flag: TCPFlags) -> UInt64 {
        flags[flag.rawValue.trailingZeroBitCount & 7].value
    }

    package func ended(_ outcome: SendOutcome) -> UInt64 {
        outcomes[outcome.position].value
    }

    /// Failed sends by errno, ascending.
    package var sendErrors: [(error: Errno, count: UInt64)] {
        errors.withLock { $0 }.sorted { $0.key.rawValue < $1.key.rawValue }.map { (error: $0.key, count: $0.value) }
    }
}

import LinuxSystem
import TCPWire

/// Where an endpoint counts what it receives, in memory of a ``CounterPool``.
///
/// A place, not the owner of it: whoever holds one holds the ``EngineCounters`` that own it, or knows who does.
@safe
struct ReceivedCounters: @unchecked Sendable {
    /// Two lines of the cache: most segments count in the first alone, and what leaves the ring in the second.
    struct Block: ~Copyable {
        let segments = Counter()
        let octets = Counter()
        let valid = Counter()
        /// In the order of the bits of ``TCPFlags``; the first line ends behind ACK.
        let flags: [8 of Counter] = .init { _ in Counter() }
        let partial = Counter()
        let incorrect = Counter()
        let malformed = Counter()
        let evictions = Counter()
        /// Fills the second line.
        private let rest = Counter()
    }

    private static let lineLength = 64

    let block: UnsafeMutablePointer<Block>

    var segments: Counter { _read { yield unsafe block.pointee.segments } }
    var octets: Counter { _read { yield unsafe block.pointee.octets } }
    var valid: Counter { _read { yield unsafe block.pointee.valid } }
    var partial: Counter { _read { yield unsafe block.pointee.partial } }
    var incorrect: Counter { _read { yield unsafe block.pointee.incorrect } }
    var malformed: Counter { _read { yield unsafe block.pointee.malformed } }
    var evictions: Counter { _read { yield unsafe block.pointee.evictions } }

    /// How many segments had a flag set.
    func with(_ flag: TCPFlags) -> UInt64 {
        unsafe block.pointee.flags[flag.rawValue.trailingZeroBitCount & 7].value
    }

    /// Counts one segment; for the engine's thread.
    @inline(__always)
    func count(_ summary: DatagramSummary) {
        segments.add()
        octets.add(UInt64(summary.segmentLength))
        // Not `isEmpty`, which is a call into another module for each segment.
        if summary.malformed.rawValue != 0 { malformed.add() }
        switch summary.checksum {
        case .valid: valid.add()
        case .partial: partial.add()
        case .incorrect: incorrect.add()
        case nil: break
        }
        var bits = summary.flags.rawValue
        while bits != 0 {
            unsafe block.pointee.flags[bits.trailingZeroBitCount].add()
            bits &= bits &- 1
        }
    }

    /// Counts segments that were counted together; for the engine's thread.
    func count(_ tally: borrowing ReceivedTally) {
        segments.add(tally.segments)
        octets.add(tally.octets)
        malformed.add(tally.malformed)
        valid.add(tally.valid)
        partial.add(tally.partial)
        incorrect.add(tally.incorrect)
        for bit in 0..<8 {
            unsafe block.pointee.flags[bit].add(tally.flags[bit])
        }
    }

    /// Asks for the memory that counting most segments touches, without waiting for it.
    @inline(__always)
    func prefetch() {
        unsafe Cache.prefetch(UnsafeRawPointer(block))
    }

    /// Asks for the memory that counting what leaves the ring touches, without waiting for it.
    @inline(__always)
    func prefetchEvictions() {
        unsafe Cache.prefetch(UnsafeRawPointer(block) + Self.lineLength)
    }
}

import Synchronization

/// How often things took how long; any thread adds, any thread reads.
///
/// Adding takes no lock and no memory. The bounds are fixed, from ten microseconds to ten seconds, so that those of
/// different things can be compared.
package struct DurationHistogram: ~Copyable, Sendable {
    /// What is counted, as of one look at it.
    package struct Snapshot: Hashable, Sendable {
        /// How many took at most ``DurationHistogram/bounds`` and more than the bound before; the last took longer
        /// than all of them.
        package var counts: [UInt64]
        /// The sum of all, in nanoseconds; while others add, it may be one ahead of the counts or behind them.
        package var sumNanoseconds: UInt64

        package init(counts: [UInt64], sumNanoseconds: UInt64) {
            self.counts = counts
            self.sumNanoseconds = sumNanoseconds
        }

        /// How many there were at all.
        package var count: UInt64 { counts.reduce(0, &+) }
    }

    /// The largest durations of the buckets but the last, in nanoseconds, ascending.
    package static let bounds: [19 of UInt64] = [
        10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
        1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000, 100_000_000, 250_000_000, 500_000_000,
        1_000_000_000, 2_500_000_000, 5_000_000_000, 10_000_000_000,
    ]

    private let counts: [20 of Atomic<UInt64>] = .init { _ in Atomic(0) }
    private let sum = Atomic<UInt64>(0)

    package init() {}

    /// Counts something that took so many nanoseconds.
    package borrowing func add(nanoseconds: UInt64) {
        counts[Self.bucket(of: nanoseconds)].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(nanoseconds, ordering: .relaxed)
    }

    package var snapshot: Snapshot {
        Snapshot(
            counts: counts.indices.map { counts[$0].load(ordering: .relaxed) },
            sumNanoseconds: sum.load(ordering: .relaxed))
    }

    /// The bucket of a duration: most are short, so it is looked for from below.
    private static func bucket(of nanoseconds: UInt64) -> Int {
        var bucket = 0
        while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket &+= 1 }
        return bucket
    }
}

import Synchronization

/// A count that one thread raises and any thread reads.
package struct Counter: ~Copyable, Sendable {
    private let count = Atomic<UInt64>(0)

    package init() {}

    package var value: UInt64 { count.load(ordering: .relaxed) }

    /// Adds to the count; for the one thread that owns it.
    ///
    /// A load and a store, because with a single writer they are exact and cost
    /// a third of an atomic addition.
    @inline(__always)
    package func add(_ amount: UInt64 = 1) {
        count.store(count.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// How many segments ended in each way.
package struct OutcomeCounts: Sendable {
    private var counts: [6 of UInt64] = .init(repeating: 0)

    package init() {}

    package subscript(outcome: SendOutcome) -> UInt64 {
        get { counts[outcome.position] }
        set { counts[outcome.position] = newValue }
    }

    /// How many ended at all.
    package var total: UInt64 {
        counts.indices.reduce(0) { $0 + counts[$1] }
    }
}

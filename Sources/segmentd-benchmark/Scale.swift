/// How much is measured.
struct Scale {
    /// How often each comparison is made.
    var rounds: Int
    /// How many segments one measurement of sending has.
    var segments: Int

    static let full = Scale(rounds: 11, segments: 100_000)
    static let quick = Scale(rounds: 5, segments: 30_000)

    var isQuick: Bool { rounds < Self.full.rounds }
}

import TCPWire

/// A field that varies, as sending works with it: where it is, and how its value follows from a number.
///
/// Memory and nothing else, so that going through them costs no counting of references.
struct PreparedChange: BitwiseCopyable {
    /// A ``ValueSequence``; a list of values lies in memory that the changes of a step share.
    private enum Values: BitwiseCopyable {
        case increment(UInt64)
        case list(first: Int, count: UInt64)
        case range(first: UInt64, count: UInt64)
        case random(seed: UInt64)
        case randomWithin(seed: UInt64, first: UInt64, count: UInt64)
    }

    let place: VariedField.Place
    /// What the field is without varying.
    private let base: UInt64
    private let values: Values
    /// Where in the sequence the first segment is.
    private let start: UInt64

    /// Prepares a field of a datagram; values that are listed go to the end of `list`.
    init(
        _ sequence: ValueSequence, at place: VariedField.Place, in datagram: Span<UInt8>, start: UInt64,
        list: inout [UInt64]
    ) {
        self.place = place
        self.start = start
        base = place.value(in: datagram)
        switch sequence {
        case .increment(let step): values = .increment(UInt64(bitPattern: step))
        case .values(let listed):
            values = .list(first: list.count, count: UInt64(listed.count))
            list += listed
        case .range(let range):
            values = .range(first: range.lowerBound, count: range.upperBound - range.lowerBound + 1)
        case .random(let seed, nil): values = .random(seed: seed)
        case .random(let seed, let range?):
            values = .randomWithin(
                seed: seed, first: range.lowerBound, count: range.upperBound - range.lowerBound + 1)
        }
    }

    /// The value of a number from 0: what ``ValueSequence/value(_:base:maximum:)`` says.
    @inline(__always)
    func value(_ number: UInt64, list: Span<UInt64>) -> UInt64 {
        let number = number &+ start
        switch values {
        case .increment(let step): return (base &+ step &* number) & place.maximum
        case .list(let first, let count): return list[first + Int(number % count)]
        case .range(let first, let count): return first + number % count
        case .random(let seed): return SplitMix64.value(number, seed: seed) & place.maximum
        case .randomWithin(let seed, let first, let count):
            return first + SplitMix64.value(number, seed: seed).multipliedFullWidth(by: count).high
        }
    }
}

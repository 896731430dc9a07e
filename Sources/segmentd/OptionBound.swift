import ArgumentParser

/// An option with a number, and what the number may be.
struct OptionBound {
    let name: String
    let value: Int
    let range: ClosedRange<Int>

    init(_ name: String, _ value: Int, _ range: ClosedRange<Int>) {
        self.name = name
        self.value = value
        self.range = range
    }

    /// Refuses the first number that is out of its range.
    static func check(_ bounds: [OptionBound]) throws {
        for bound in bounds where !bound.range.contains(bound.value) {
            throw ValidationError(
                "\(bound.name) \(bound.value) is not in \(bound.range.lowerBound)…\(bound.range.upperBound)")
        }
    }
}

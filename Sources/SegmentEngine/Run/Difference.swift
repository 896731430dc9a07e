package import TCPWire

/// A field that is not as expected.
package struct Difference: Hashable, Sendable {
    /// What a field is, or should be.
    package enum Value: Hashable, Sendable {
        case flags(TCPFlags)
        case pattern(NumberPattern, of: ExpectedField)
        case payload(SegmentExpectation.PayloadTest)
        case word(String)
        case step(Int)
    }

    /// By its name in JSON.
    package var field: String
    package var expected: Value
    /// `nil`: the segment ends before the field.
    package var actual: Value?
    /// What it may come from.
    package var hint: String?

    init(_ field: String, _ expected: Value, _ actual: Value?, hint: String? = nil) {
        self.field = field
        self.expected = expected
        self.actual = actual
        self.hint = hint
    }

    /// How far it is from what was expected: 1 for what is nearly right, more for the rest.
    var distance: Int {
        switch (expected, actual) {
        case (_, nil): 6
        case (.pattern(let pattern, let field), .pattern(.exactly(let actual), _)):
            pattern.exactValue.map { field.distance($0, actual) } ?? 4
        case (.flags(let expected), .flags(let actual)):
            if field == "flags", actual.contains(.rst) { 5 } else { 2 + expected.symmetricDifference(actual).count }
        case (.payload(.exactly(let expected)), .payload(.exactly(let actual))):
            actual.isEmpty ? 4 : expected.starts(with: actual) || actual.starts(with: expected) ? 2 : 3
        default: 4
        }
    }
}

extension ExpectedField {
    /// How far a value is from the one expected: 1 for a neighbour, 4 for something else altogether.
    fileprivate func distance(_ expected: UInt64, _ actual: UInt64) -> Int {
        let gap = expected > actual ? expected - actual : actual - expected
        let shortest = isSequence ? min(gap, (1 << 32) - min(gap, 1 << 32)) : gap
        return switch shortest {
        case 0...1: isSequence ? 1 : 2
        case 2..<65_536 where isSequence: 2
        default: 4
        }
    }
}

extension TCPFlags {
    /// How many are set.
    fileprivate var count: Int { rawValue.nonzeroBitCount }
}

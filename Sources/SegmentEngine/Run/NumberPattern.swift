/// Which values of a field are as expected.
package indirect enum NumberPattern: Hashable, Sendable {
    case exactly(UInt64)
    /// From the first to the last; of a sequence number through 2³² - 1 on to 0, when the last is the lower one.
    case range(from: UInt64, to: UInt64)
    /// Of the bits of the mask, those of the value are set and no other.
    case bits(mask: UInt64, value: UInt64)
    case anyOf([NumberPattern])
    /// A number of the segment that an earlier step of the run took, and so much more, modulo 2³².
    case received(StepNumber)

    package func holds(for value: UInt64) -> Bool {
        switch self {
        case .exactly(let expected): value == expected
        case .range(let first, let last):
            first <= last ? (first...last).contains(value) : value >= first || value <= last
        case .bits(let mask, let expected): value & mask == expected
        case .anyOf(let patterns): patterns.contains { $0.holds(for: value) }
        // Not known yet; it is resolved before anything is compared.
        case .received: false
        }
    }

    /// The one value that is as expected, if there is only one.
    package var exactValue: UInt64? {
        guard case .exactly(let value) = self else { return nil }
        return value
    }

    /// The same with numbers in the place of references.
    func resolved(_ number: (StepNumber) -> UInt32) -> NumberPattern {
        switch self {
        case .received(let reference): .exactly(UInt64(number(reference)))
        case .anyOf(let patterns): .anyOf(patterns.map { $0.resolved(number) })
        case .exactly, .range, .bits: self
        }
    }
}

/// A number of the segment that a step of a run took.
package struct StepNumber: Hashable, Sendable {
    /// The step, counted from 0; an `expect`.
    package var step: Int
    package var number: ReceivedNumber
    /// So much more, modulo 2³².
    package var plus: UInt32

    package init(step: Int, number: ReceivedNumber, plus: UInt32) {
        self.step = step
        self.number = number
        self.plus = plus
    }
}

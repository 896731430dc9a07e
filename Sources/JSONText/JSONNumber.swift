/// A JSON number (RFC 8259, section 6), kept as the literal that was written.
///
/// Two numbers are equal when their literals are: `1` and `1.0` differ.
package struct JSONNumber: Hashable, Sendable {
    /// The number as JSON.
    package let literal: String

    /// Takes a literal that is known to follow the grammar.
    init(trusted literal: String) {
        self.literal = literal
    }

    /// Takes a literal, or nothing when it is no JSON number.
    package init?(literal: String) {
        let value = try? JSONParser.parse([UInt8](literal.utf8))
        guard case .number(let number)? = value, number.literal.utf8.count == literal.utf8.count else { return nil }
        self = number
    }

    package init(_ integer: some FixedWidthInteger) {
        literal = String(integer)
    }

    /// Takes the shortest literal that reads back as `double`, or nothing when it is not finite.
    package init?(_ double: Double) {
        guard double.isFinite else { return nil }
        literal = double.description
    }

    /// The number, if it is written as an integer and fits.
    ///
    /// `1.0` and `1e3` are not written as integers.
    package var integer: Int? { Int(literal) }

    /// The number, if it is whole, however it is written: `7.0` and `7e0` are 7, as JSON Schema has it.
    ///
    /// With a fraction or an exponent only up to 2^53, from where on doubles are too far apart to tell.
    package var wholeNumber: Int? {
        if let integer { return integer }
        guard let double, abs(double) <= 0x1p53 else { return nil }
        return Int(exactly: double)
    }

    /// The nearest double, if there is a finite one.
    package var double: Double? {
        guard let value = Double(literal), value.isFinite else { return nil }
        return value
    }
}

/// Durations as the API writes them, such as `"250ms"`.
enum Duration {
    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000),
        ("ns", 1),
    ]

    /// Reads an unsigned decimal number, with a fraction or not, and a unit; `nil` for anything else.
    static func nanoseconds(in text: String) -> UInt64? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count)
        guard let factor = units.first(where: { $0.name == unit })?.nanoseconds else { return nil }
        let parts = number.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = UInt64(parts[0]) else { return nil }
        let (product, overflow) = whole.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return product }

        var fraction: UInt64 = 0
        var place = factor
        guard !parts[1].isEmpty else { return nil }
        for digit in parts[1] {
            guard let value = digit.wholeNumberValue else { return nil }
            place /= 10
            fraction += UInt64(value) * place
        }
        let (sum, tooLong) = product.addingReportingOverflow(fraction)
        return tooLong ? nil : sum
    }

    /// Writes nanoseconds in the largest unit up to seconds that needs no fraction.
    static func text(nanoseconds: UInt64) -> String {
        guard nanoseconds > 0 else { return "0s" }
        let unit = units.dropFirst(2).first { nanoseconds.isMultiple(of: $0.nanoseconds) }
        guard let unit else { return "\(nanoseconds)ns" }
        return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }

    /// Writes measured nanoseconds for people to read: three digits of the largest unit up to seconds.
    static func about(nanoseconds: UInt64) -> String {
        guard let unit = units.dropFirst(2).first(where: { nanoseconds >= $0.nanoseconds }) else { return "0s" }
        let value = Double(nanoseconds) / Double(unit.nanoseconds)
        let parts: UInt64 = value < 10 ? 100 : value < 100 ? 10 : 1
        let (whole, rest) = UInt64((value * Double(parts)).rounded()).quotientAndRemainder(dividingBy: parts)
        guard rest > 0 else { return "\(whole)\(unit.name)" }
        let digits = "\(parts + rest)".dropFirst()
        let fraction = digits.hasSuffix("0") ? digits.dropLast() : digits
        return "\(whole).\(fraction)\(unit.name)"
    }
}

/// Octets that a person can read.
enum PrintableText {
    /// Whether the octets are UTF-8 without control characters but tabs and line ends.
    static func isPrintable(_ octets: Span<UInt8>) -> Bool {
        for index in octets.indices {
            let octet = octets[index]
            // Most payloads are ASCII, or binary from the beginning, and need no table of categories.
            guard octet < 0x80 else { return isPrintableUnicode(octets) }
            guard octet >= 0x20 && octet != 0x7F || (0x09...0x0A).contains(octet) || octet == 0x0D else { return false }
        }
        return true
    }

    /// The text, when the octets are printable; else `nil`.
    static func of(_ octets: [UInt8]) -> String? {
        isPrintable(octets.span) ? String(validating: octets, as: UTF8.self) : nil
    }

    private static func isPrintableUnicode(_ octets: Span<UInt8>) -> Bool {
        guard let text = try? UTF8Span(validating: octets) else { return false }
        var scalars = text.makeUnicodeScalarIterator()
        while let scalar = scalars.next() {
            switch scalar.properties.generalCategory {
            case .control where scalar != "\t" && scalar != "\n" && scalar != "\r": return false
            case .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: return false
            default: continue
            }
        }
        return true
    }
}

/// Octets as base64 with padding (RFC 4648 §4).
enum Base64 {
    private static let alphabet: [64 of UInt8] = {
        let letters: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        return .init { index in unsafe letters.utf8Start[index] }
    }()
    private static let padding = UInt8(ascii: "=")

    /// How many letters so many octets take.
    static func length(of count: Int) -> Int { (count + 2) / 3 * 4 }

    static func text(_ octets: Span<UInt8>) -> String {
        String(
            decoding: [UInt8](capacity: length(of: octets.count)) { output in append(octets, to: &output) },
            as: UTF8.self)
    }

    @_lifetime(output: copy output)
    static func append(_ octets: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        var start = 0
        while octets.count - start >= 3 {
            append(octets[start], octets[start + 1], octets[start + 2], letters: 4, to: &output)
            start += 3
        }
        switch octets.count - start {
        case 1: append(octets[start], 0, 0, letters: 2, to: &output)
        case 2: append(octets[start], octets[start + 1], 0, letters: 3, to: &output)
        default: break
        }
    }

    /// Appends a group of three octets, of which `letters` letters tell, and padding for the others.
    @_lifetime(output: copy output)
    private static func append(
        _ first: UInt8, _ second: UInt8, _ third: UInt8, letters: Int, to output: inout OutputSpan<UInt8>
    ) {
        let group = Int(first) << 16 | Int(second) << 8 | Int(third)
        output.append(alphabet[group >> 18])
        output.append(alphabet[group >> 12 & 0x3f])
        output.append(letters > 2 ? alphabet[group >> 6 & 0x3f] : padding)
        output.append(letters > 3 ? alphabet[group & 0x3f] : padding)
    }

    /// `nil` unless the text is base64 with its padding and nothing else.
    static func octets(in text: String) -> [UInt8]? {
        let letters = [UInt8](text.utf8)
        guard letters.count.isMultiple(of: 4) else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(letters.count / 4 * 3)
        for start in stride(from: 0, to: letters.count, by: 4) {
            let isLast = start + 4 == letters.count
            let missing = isLast ? letters[start...].reversed().prefix { $0 == padding }.count : 0
            guard missing <= 2 else { return nil }
            var group = 0
            for letter in letters[start..<(start + 4 - missing)] {
                guard let value = value(of: letter) else { return nil }
                group = group << 6 | value
            }
            group <<= 6 * missing
            // Bits that stand for no octet must be 0, or two texts would mean the same.
            guard group & ((1 << (8 * missing)) - 1) == 0 else { return nil }
            for octet in 0..<(3 - missing) {
                octets.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * octet)))
            }
        }
        return octets
    }

    private static func value(of letter: UInt8) -> Int? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(letter - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(letter - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(letter - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}

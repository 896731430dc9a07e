/// Octets as base64 with padding (RFC 4648 §4).
enum Base64 {
    private static let alphabet = [UInt8]("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    static func text(_ octets: Span<UInt8>) -> String {
        let text = [UInt8](capacity: (octets.count + 2) / 3 * 4) { output in
            for start in stride(from: 0, to: octets.count, by: 3) {
                let present = min(3, octets.count - start)
                var group = 0
                for offset in 0..<3 {
                    group = group << 8 | (offset < present ? Int(octets[start + offset]) : 0)
                }
                for sextet in 0..<4 {
                    let letter = alphabet[group >> (18 - 6 * sextet) & 0x3f]
                    output.append(sextet <= present ? letter : padding)
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
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

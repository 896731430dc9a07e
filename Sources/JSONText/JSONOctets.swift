/// How strings and integers look in JSON.
extension [UInt8] {
    mutating func append(_ word: StaticString) {
        unsafe append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    mutating func append(_ magnitude: UInt64, isNegative: Bool) {
        if isNegative { append(UInt8(ascii: "-")) }
        var digits = InlineArray<20, UInt8>(repeating: 0)
        var start = 20
        var rest = magnitude
        repeat {
            start -= 1
            digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        for index in start..<20 { append(digits[index]) }
    }

    /// Appends UTF-8 between quotation marks, with the escapes that JSON asks for and no others.
    mutating func appendQuoted(_ text: Span<UInt8>) {
        append(UInt8(ascii: "\""))
        var start = 0
        for index in text.indices {
            let octet = text[index]
            guard octet < 0x20 || octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") else { continue }
            append(text.extracting(start..<index))
            appendEscape(of: octet)
            start = index + 1
        }
        append(text.extracting(start...))
        append(UInt8(ascii: "\""))
    }

    private mutating func append(_ text: Span<UInt8>) {
        unsafe text.withUnsafeBufferPointer { text in unsafe append(contentsOf: text) }
    }

    private mutating func appendEscape(of octet: UInt8) {
        append(UInt8(ascii: "\\"))
        switch octet {
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        case 0x08: append(UInt8(ascii: "b"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0..<0x20:
            append("u00" as StaticString)
            append(UInt8(ascii: octet < 16 ? "0" : "1"))
            append(octet % 16 + (octet % 16 < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
        default: append(octet)
        }
    }
}

/// How strings and integers look in JSON.
extension OctetWriter {
    /// The decimal digits of the largest magnitude, and a sign.
    static var longestInteger: Int { 21 }

    mutating func append(_ magnitude: UInt64, isNegative: Bool) {
        reserve(Self.longestInteger)
        if isNegative { appendReserved(UInt8(ascii: "-")) }
        appendReserved(magnitude)
    }

    /// Appends UTF-8 between quotation marks, with the escapes that JSON asks for and no others.
    mutating func appendQuoted(_ text: Span<UInt8>) {
        reserve(text.count + 2)
        appendReserved(UInt8(ascii: "\""))
        var start = 0
        for index in text.indices where text[index].needsEscape {
            append(text.extracting(start..<index))
            appendEscape(of: text[index])
            start = index + 1
        }
        append(text.extracting(start...))
        append(UInt8(ascii: "\""))
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

extension UInt8 {
    fileprivate var needsEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}

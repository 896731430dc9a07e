/// Octets as hexadecimal digits, two for each.
enum Hexadecimal {
    static func text(_ octets: Span<UInt8>) -> String {
        String(decoding: [UInt8](capacity: octets.count * 2) { output in append(octets, to: &output) }, as: UTF8.self)
    }

    @_lifetime(output: copy output)
    static func append(_ octets: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        for index in octets.indices {
            output.append(digit(octets[index] >> 4))
            output.append(digit(octets[index] & 0x0f))
        }
    }

    /// `nil` unless there is an even number of digits; blanks between them do not count.
    static func octets(in text: String) -> [UInt8]? {
        var octets: [UInt8] = []
        var high: UInt8?
        for character in text.utf8 where character != UInt8(ascii: " ") {
            guard let value = value(of: character) else { return nil }
            if let first = high {
                octets.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? octets : nil
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + (value - 10)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

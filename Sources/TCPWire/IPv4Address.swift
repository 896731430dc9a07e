/// An IPv4 address (RFC 791 §3.2), in host byte order.
package struct IPv4Address: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    /// 127.0.0.1.
    package static var loopback: IPv4Address { IPv4Address(rawValue: 0x7f00_0001) }

    /// 0.0.0.0, which stands for no address in particular.
    package static var any: IPv4Address { IPv4Address(rawValue: 0) }

    /// The address as a number: 127.0.0.1 is 0x7f000001.
    package var rawValue: UInt32

    /// The address that a number in host byte order stands for.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// The address that a dotted quad spells, such as `192.0.2.1`.
    ///
    /// Nil unless `text` is exactly four decimal numbers of 0 to 255, without
    /// signs, blanks or leading zeros, which some readers take for octal.
    package init?(_ text: some StringProtocol) {
        var value: UInt32 = 0
        var part: UInt32 = 0
        var digits = 0
        var parts = 1
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits == 0 || part != 0 else { return nil }
                part = part * 10 + UInt32(character - UInt8(ascii: "0"))
                digits += 1
                guard part <= 255 else { return nil }
            case UInt8(ascii: "."):
                guard digits > 0, parts < 4 else { return nil }
                value = value << 8 | part
                (part, digits) = (0, 0)
                parts += 1
            default:
                return nil
            }
        }
        guard digits > 0, parts == 4 else { return nil }
        rawValue = value << 8 | part
    }

    /// Whether the address is one of 127.0.0.0/8 (RFC 1122 §3.2.1.3).
    package var isLoopback: Bool { rawValue >> 24 == 127 }

    /// Whether the address is one of 224.0.0.0/4 (RFC 5771).
    package var isMulticast: Bool { rawValue >> 28 == 0xe }

    /// Whether the address is 255.255.255.255 (RFC 919 §7).
    package var isLimitedBroadcast: Bool { rawValue == .max }
}

extension IPv4Address: CustomStringConvertible {
    /// The address as a dotted quad.
    package var description: String {
        "\(rawValue >> 24).\(rawValue >> 16 & 0xff).\(rawValue >> 8 & 0xff).\(rawValue & 0xff)"
    }
}

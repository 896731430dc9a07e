/// A block of IPv4 addresses that share their first bits (RFC 4632 §3.1).
package struct IPv4Prefix: Hashable, Sendable {
    /// The lowest address of the block.
    package let address: IPv4Address

    /// The highest address of the block.
    package var last: IPv4Address {
        IPv4Address(rawValue: address.rawValue | ~Self.mask(length))
    }

    /// How many leading bits the addresses share: 0 to 32.
    package let length: Int

    /// The block of `length` bits that starts at `address`.
    ///
    /// Nil when `length` is not 0 to 32, or when a bit of `address` after them is set.
    package init?(address: IPv4Address, length: Int) {
        guard (0...32).contains(length), address.rawValue & ~Self.mask(length) == 0 else { return nil }
        self.address = address
        self.length = length
    }

    /// The block that CIDR notation spells, such as `127.0.0.0/8`.
    ///
    /// A bare address is a block of one. Nil for anything else, for a length with
    /// a leading zero, and when a bit after the prefix is set.
    package init?(_ text: some StringProtocol) {
        guard let slash = text.firstIndex(of: "/") else {
            guard let address = IPv4Address(text) else { return nil }
            self.init(address: address, length: 32)
            return
        }
        let digits = text[text.index(after: slash)...].utf8
        guard
            let address = IPv4Address(text[..<slash]),
            (1...2).contains(digits.count),
            digits.count == 1 || digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let length = digits.reduce(0) { length, digit in length * 10 + Int(digit - UInt8(ascii: "0")) }
        self.init(address: address, length: length)
    }

    /// Whether `candidate` is in the block.
    package func contains(_ candidate: IPv4Address) -> Bool {
        candidate.rawValue & Self.mask(length) == address.rawValue
    }

    private static func mask(_ length: Int) -> UInt32 {
        // A shift by the full width gives 0, which is the mask of 0.0.0.0/0.
        UInt32.max << UInt32(32 - length)
    }
}

extension IPv4Prefix: CustomStringConvertible {
    /// The block in CIDR notation, its length included.
    package var description: String { "\(address)/\(length)" }
}

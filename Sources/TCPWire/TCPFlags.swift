/// The control bits of a TCP header, in wire order (RFC 9293 §3.1).
package struct TCPFlags: OptionSet, Hashable, BitwiseCopyable, Sendable {
    /// The bits as octet 13 of the header carries them.
    package let rawValue: UInt8

    /// The flags whose bits are set in octet 13 of a header.
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// No more data from the sender.
    package static var fin: TCPFlags { TCPFlags(rawValue: 1 << 0) }
    /// Synchronize sequence numbers.
    package static var syn: TCPFlags { TCPFlags(rawValue: 1 << 1) }
    /// Reset the connection.
    package static var rst: TCPFlags { TCPFlags(rawValue: 1 << 2) }
    /// Push function.
    package static var psh: TCPFlags { TCPFlags(rawValue: 1 << 3) }
    /// The acknowledgment number is significant.
    package static var ack: TCPFlags { TCPFlags(rawValue: 1 << 4) }
    /// The urgent pointer is significant.
    package static var urg: TCPFlags { TCPFlags(rawValue: 1 << 5) }
    /// ECN-Echo (RFC 3168 §6.1).
    package static var ece: TCPFlags { TCPFlags(rawValue: 1 << 6) }
    /// Congestion window reduced (RFC 3168 §6.1).
    package static var cwr: TCPFlags { TCPFlags(rawValue: 1 << 7) }
}

extension TCPFlags {
    private static let named: [(name: String, flag: TCPFlags)] = [
        ("SYN", .syn), ("ACK", .ack), ("FIN", .fin), ("RST", .rst),
        ("PSH", .psh), ("URG", .urg), ("ECE", .ece), ("CWR", .cwr),
    ]

    /// The names of all flags, in the order in which a value lists its own.
    package static let names: [String] = named.map(\.name)

    /// The one flag with this RFC 9293 name, in capitals.
    ///
    /// Nil for any other text.
    package init?(name: String) {
        guard let entry = Self.named.first(where: { $0.name == name }) else { return nil }
        self = entry.flag
    }

    /// The names of the flags that are set, as people say them: SYN before ACK.
    package var names: [String] {
        Self.named.compactMap { contains($0.flag) ? $0.name : nil }
    }
}

// The standard library's versions are generic; from another module they go through
// the witness table, many times the cost of these.
extension TCPFlags {
    /// Whether no member is in the set.
    package var isEmpty: Bool { rawValue == 0 }

    /// Whether every member of `other` is in this set.
    package func contains(_ other: TCPFlags) -> Bool { rawValue & other.rawValue == other.rawValue }

    /// Whether every member of this set is in `other`.
    package func isSubset(of other: TCPFlags) -> Bool { rawValue & ~other.rawValue == 0 }

    /// Whether no member of `other` is in this set.
    package func isDisjoint(with other: TCPFlags) -> Bool { rawValue & other.rawValue == 0 }

    /// Whether both sets have the same members.
    package static func == (first: TCPFlags, second: TCPFlags) -> Bool { first.rawValue == second.rawValue }
}

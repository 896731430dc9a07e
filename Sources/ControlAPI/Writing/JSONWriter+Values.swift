import JSONText
import TCPWire

/// What the API writes again and again, put into the text where it is needed instead of into strings first.
extension JSONWriter {
    /// The flags of a header in the order in which they are listed.
    static let flags: [(flag: TCPFlags, name: StaticString)] = [
        (.syn, "SYN"), (.ack, "ACK"), (.fin, "FIN"), (.rst, "RST"), (.psh, "PSH"), (.urg, "URG"), (.ece, "ECE"),
        (.cwr, "CWR"),
    ]

    mutating func member(_ key: StaticString, _ flags: TCPFlags) {
        self.key(key)
        beginArray()
        for (flag, name) in Self.flags where flags.contains(flag) {
            value(word: name)
        }
        endArray()
    }

    mutating func member(_ key: StaticString, _ address: IPv4Address) {
        member(key, atMost: DottedQuad.longest) { output in DottedQuad.append(address, to: &output) }
    }

    mutating func member(_ key: StaticString, hexadecimal octets: Span<UInt8>) {
        member(key, atMost: octets.count * 2) { output in Hexadecimal.append(octets, to: &output) }
    }

    mutating func member(_ key: StaticString, base64 octets: Span<UInt8>) {
        member(key, atMost: Base64.length(of: octets.count)) { output in Base64.append(octets, to: &output) }
    }

    /// Writes a time in nanoseconds since 1970, or that there is none.
    mutating func member(_ key: StaticString, time nanoseconds: Int64?) {
        guard let nanoseconds else {
            self.key(key)
            null()
            return
        }
        member(key, atMost: Timestamp.length) { output in Timestamp.append(nanoseconds, to: &output) }
    }
}

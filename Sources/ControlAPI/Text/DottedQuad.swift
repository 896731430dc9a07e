import TCPWire

/// IPv4 addresses as people write them.
enum DottedQuad {
    /// The octets of 255.255.255.255.
    static let longest = 15

    @_lifetime(output: copy output)
    static func append(_ address: IPv4Address, to output: inout OutputSpan<UInt8>) {
        append(UInt8(truncatingIfNeeded: address.rawValue >> 24), to: &output)
        output.append(UInt8(ascii: "."))
        append(UInt8(truncatingIfNeeded: address.rawValue >> 16), to: &output)
        output.append(UInt8(ascii: "."))
        append(UInt8(truncatingIfNeeded: address.rawValue >> 8), to: &output)
        output.append(UInt8(ascii: "."))
        append(UInt8(truncatingIfNeeded: address.rawValue), to: &output)
    }

    @_lifetime(output: copy output)
    private static func append(_ part: UInt8, to output: inout OutputSpan<UInt8>) {
        if part >= 100 { output.append(UInt8(ascii: "0") + part / 100) }
        if part >= 10 { output.append(UInt8(ascii: "0") + part / 10 % 10) }
        output.append(UInt8(ascii: "0") + part % 10)
    }
}

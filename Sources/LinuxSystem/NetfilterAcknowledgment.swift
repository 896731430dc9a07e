import CLinuxShims

/// What nf_tables answers to one request (`struct nlmsgerr`, `netlink(7)`).
struct NetfilterAcknowledgment: Equatable {
    /// Which request it is about; 0: the batch as a whole.
    let sequenceNumber: UInt32
    /// `nil`: done as asked.
    let error: Errno?

    /// Reads one message; `nil` for anything but an acknowledgment.
    init?(_ octets: Span<UInt8>) {
        guard octets.count >= 36, Self.number(in: octets, at: 4) & 0xffff == UInt32(NLMSG_ERROR) else { return nil }
        let code = Int32(bitPattern: Self.number(in: octets, at: 16))
        // The request's header follows, with its own number.
        sequenceNumber = Self.number(in: octets, at: 28)
        error = code == 0 ? nil : Errno(rawValue: code == .min ? .max : -code)
    }

    /// A number in this machine's octet order.
    private static func number(in octets: Span<UInt8>, at offset: Int) -> UInt32 {
        var value: UInt32 = 0
        for octet in 0..<4 {
            value |= UInt32(octets[offset + octet]) << UInt32(8 * octet)
        }
        return UInt32(littleEndian: value)
    }
}

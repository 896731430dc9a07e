/// One TCP option (RFC 9293 §3.2).
package enum TCPOption: Hashable, Sendable {
    /// The most octets that the options of a segment take.
    package static let maximumEncodedLength = 40

    /// No options follow; as padding there may be several.
    case endOfOptionList

    /// One octet of filling between options.
    case noOperation

    /// The largest payload that the sender accepts, in octets (RFC 9293 §3.7.1).
    case maximumSegmentSize(UInt16)

    /// The shift of the sender's window field (RFC 7323 §2.2).
    case windowScale(UInt8)

    /// The sender understands selective acknowledgments (RFC 2018 §2).
    case sackPermitted

    /// The blocks that arrived out of order (RFC 2018 §3).
    case sack([SACKBlock])

    /// The sender's clock, and the latest value of the receiver's (RFC 7323 §3.2).
    case timestamps(value: UInt32, echoReply: UInt32)

    /// A Fast Open cookie of 4 to 16 octets; empty when one is asked for (RFC 7413 §4.1.1).
    case fastOpenCookie([UInt8])

    /// An MD5 digest of 16 octets (RFC 2385 §3).
    case md5Signature([UInt8])

    /// The key of the message authentication code, the key wanted next, and the code (RFC 5925 §2.2).
    case authentication(keyID: UInt8, nextKeyID: UInt8, code: [UInt8])

    /// A Multipath TCP option from its subtype on (RFC 8684 §3).
    case multipath([UInt8])

    /// Any other option, or one that is out of form, as its octets are.
    ///
    /// `length` is the length octet, true or not; `nil` for an option without that octet.
    /// `data` is what follows on the wire.
    case raw(kind: UInt8, length: UInt8?, data: [UInt8])
}

/// An IPv4 datagram read in place, over octets it does not own (RFC 791 §3.1).
///
/// ``init(_:)`` checks what would let an accessor read outside the octets, and
/// nothing else: version, lengths and checksum read as they arrived.
package struct IPv4HeaderView: ~Escapable {
    /// The length of a header without options, in octets.
    package static let minimumHeaderLength = 20

    private let octets: Span<UInt8>

    /// A view of a datagram that starts with its header.
    ///
    /// - Throws: ``WireError/truncated(needed:available:)`` when `octets` end inside the header,
    ///   ``WireError/headerLengthTooSmall(_:)`` when the header claims to be shorter than 20 octets.
    @inline(__always)
    @_lifetime(copy octets)
    package init(_ octets: Span<UInt8>) throws(WireError) {
        guard octets.count >= 20 else { throw .truncated(needed: 20, available: octets.count) }
        let words = octets[0] & 0x0f
        guard words >= 5 else { throw .headerLengthTooSmall(words) }
        let headerLength = Int(words) &* 4
        guard octets.count >= headerLength else {
            throw .truncated(needed: headerLength, available: octets.count)
        }
        self.octets = octets
    }

    /// The version: 4, or whatever else the four bits hold.
    package var version: UInt8 { octets[0] >> 4 }

    /// The header's length in octets, options included: 20 to 60.
    @inline(__always)
    package var headerLength: Int { Int(octets[0] & 0x0f) &* 4 }

    /// The differentiated services code point (RFC 2474 §3): 0 to 63.
    package var dscp: UInt8 { octets[1] >> 2 }

    /// The explicit congestion notification (RFC 3168 §5): 0 to 3.
    package var ecn: UInt8 { octets[1] & 0x03 }

    /// The length that the header claims for the datagram, in octets.
    @inline(__always)
    package var totalLength: UInt16 { octets.bigEndianUInt16(at: 2) }

    /// The identification of the datagram that a fragment belongs to.
    package var identification: UInt16 { octets.bigEndianUInt16(at: 4) }

    /// The flag that must be zero.
    package var reservedFlag: Bool { octets[6] & 0x80 != 0 }

    /// Whether routers must not fragment the datagram.
    package var dontFragment: Bool { octets[6] & 0x40 != 0 }

    /// Whether fragments follow this one.
    package var moreFragments: Bool { octets[6] & 0x20 != 0 }

    /// Where this fragment belongs, in units of 8 octets: 0 to 8191.
    @inline(__always)
    package var fragmentOffset: UInt16 { octets.bigEndianUInt16(at: 6) & 0x1fff }

    /// How many more hops the datagram may take.
    package var timeToLive: UInt8 { octets[8] }

    /// The protocol of the payload: 6 for TCP.
    @inline(__always)
    package var protocolNumber: UInt8 { octets[9] }

    /// The header checksum as it arrived.
    package var checksum: UInt16 { octets.bigEndianUInt16(at: 10) }

    /// The source address.
    @inline(__always)
    package var source: IPv4Address { IPv4Address(rawValue: octets.bigEndianUInt32(at: 12)) }

    /// The destination address.
    @inline(__always)
    package var destination: IPv4Address { IPv4Address(rawValue: octets.bigEndianUInt32(at: 16)) }

    /// The option octets with their padding: 0 to 40 of them.
    package var options: Span<UInt8> {
        @_lifetime(copy self)
        get { octets.extracting(20..<headerLength) }
    }

    /// What the datagram carries: the octets between the header and the total length.
    ///
    /// Shorter when the octets end before that, empty when the total length ends inside the header.
    package var payload: Span<UInt8> {
        @inline(__always)
        @_lifetime(copy self)
        get {
            let start = headerLength
            return octets.extracting(start..<max(start, min(Int(totalLength), octets.count)))
        }
    }

    /// Whether the header checksum is right (RFC 791 §3.1).
    package var hasValidChecksum: Bool {
        var sum = InternetChecksum()
        sum.add(octets.extracting(first: headerLength))
        return sum.value == 0
    }
}

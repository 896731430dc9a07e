/// A TCP segment read in place, over octets it does not own (RFC 9293 §3.1).
///
/// ``init(_:)`` checks what would let an accessor read outside the octets, and
/// nothing else. Whatever else a peer gets wrong (reserved bits, flags that
/// exclude each other, the checksum) reads as it arrived.
package struct TCPSegmentView: ~Escapable {
    /// The length of a header without options, in octets.
    package static let minimumHeaderLength = 20

    /// The whole segment.
    package let octets: Span<UInt8>

    /// A view of a whole segment.
    ///
    /// - Throws: ``WireError/truncated(needed:available:)`` when `octets` end inside the header,
    ///   ``WireError/dataOffsetTooSmall(_:)`` when the header claims to be shorter than 20 octets.
    @_lifetime(copy octets)
    package init(_ octets: Span<UInt8>) throws(WireError) {
        guard octets.count >= 20 else { throw .truncated(needed: 20, available: octets.count) }
        let dataOffset = octets[12] >> 4
        guard dataOffset >= 5 else { throw .dataOffsetTooSmall(dataOffset) }
        let headerLength = Int(dataOffset) &* 4
        guard octets.count >= headerLength else {
            throw .truncated(needed: headerLength, available: octets.count)
        }
        self.octets = octets
    }

    /// The sender's port.
    package var sourcePort: UInt16 { octets.bigEndianUInt16(at: 0) }

    /// The receiver's port.
    package var destinationPort: UInt16 { octets.bigEndianUInt16(at: 2) }

    /// The position of the first octet of payload, or of the SYN.
    package var sequenceNumber: SequenceNumber { SequenceNumber(rawValue: octets.bigEndianUInt32(at: 4)) }

    /// The position that the sender expects next, if ACK is set.
    package var acknowledgmentNumber: SequenceNumber { SequenceNumber(rawValue: octets.bigEndianUInt32(at: 8)) }

    /// The header's length in 32-bit words, options included: 5 to 15.
    package var dataOffset: UInt8 { octets[12] >> 4 }

    /// The four bits between the data offset and the flags.
    package var reservedBits: UInt8 { octets[12] & 0x0f }

    /// The control bits.
    package var flags: TCPFlags { TCPFlags(rawValue: octets[13]) }

    /// The window field as sent, before any scaling (RFC 7323 §2).
    package var window: UInt16 { octets.bigEndianUInt16(at: 14) }

    /// The checksum as it arrived.
    package var checksum: UInt16 { octets.bigEndianUInt16(at: 16) }

    /// The offset of the octet after the urgent data, if URG is set.
    package var urgentPointer: UInt16 { octets.bigEndianUInt16(at: 18) }

    /// The option octets with their padding: 0 to 40 of them.
    package var options: Span<UInt8> {
        @_lifetime(copy self)
        get { octets.extracting(20..<Int(dataOffset) &* 4) }
    }

    /// The octets after the header.
    package var payload: Span<UInt8> {
        @_lifetime(copy self)
        get { octets.extracting((Int(dataOffset) &* 4)...) }
    }

    /// Whether the checksum is right between these addresses.
    package func hasValidChecksum(from source: IPv4Address, to destination: IPv4Address) -> Bool {
        var sum = InternetChecksum(tcpFrom: source, to: destination, segmentLength: octets.count)
        sum.add(octets)
        return sum.value == 0
    }
}

/// A TCP segment as a value: one to send, or a copy of one that arrived (RFC 9293 §3.1).
///
/// Any field may hold a value no conforming sender uses, and the whole may be cut
/// short, so that anything a raw socket delivers has a value that encodes to it.
package struct TCPSegment: Hashable, Sendable {
    /// The longest segment, behind the smallest IPv4 header, in octets.
    package static let maximumLength = 65535 - IPv4HeaderView.minimumHeaderLength

    /// The sender's port.
    package var sourcePort: UInt16

    /// The receiver's port.
    package var destinationPort: UInt16

    /// The position of the first octet of payload, or of the SYN.
    package var sequenceNumber: SequenceNumber

    /// The position that the sender expects next.
    package var acknowledgmentNumber = SequenceNumber(rawValue: 0)

    /// The header length to claim, in 32-bit words, 0 to 15; `nil` for the right one.
    package var dataOffset: UInt8?

    /// The four bits between the data offset and the flags: 0 to 15.
    package var reservedBits: UInt8 = 0

    /// The control bits.
    package var flags: TCPFlags = []

    /// The window field as on the wire, unscaled.
    package var window: UInt16 = 65535

    /// The checksum to send.
    package var checksum: ChecksumChoice = .correct

    /// The offset of the octet after the urgent data.
    package var urgentPointer: UInt16 = 0

    /// Encoded options with their padding: at most 40 octets, a multiple of 4.
    package var options: [UInt8] = []

    /// The octets after the header.
    package var payload: [UInt8] = []

    /// How many octets leave, counted from the first of the header; `nil` for all of them.
    ///
    /// 0 to 65,515; a length beyond the segment's changes nothing.
    package var truncatedLength: Int?

    /// A segment without flags, options or payload.
    package init(
        sourcePort: UInt16, destinationPort: UInt16, sequenceNumber: SequenceNumber = SequenceNumber(rawValue: 0)
    ) {
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequenceNumber = sequenceNumber
    }

    /// The length of what leaves, in octets.
    package var encodedLength: Int {
        max(0, min(truncatedLength ?? .max, untruncatedLength))
    }

    /// The length of header, options and payload, in octets.
    var untruncatedLength: Int {
        TCPSegmentView.minimumHeaderLength + options.count + payload.count
    }
}

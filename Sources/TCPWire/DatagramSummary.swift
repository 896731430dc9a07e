/// What a received datagram tells of its TCP segment, read in one go: what counting and delivering it need.
///
/// The datagram may be anything; where there is no segment in it, there are no ports.
package struct DatagramSummary: BitwiseCopyable, Sendable {
    /// The source address (RFC 791 §3.1); 0.0.0.0 without ports.
    package let source: IPv4Address
    /// The destination address (RFC 791 §3.1); 0.0.0.0 without ports.
    package let destination: IPv4Address
    /// The sender's port (RFC 9293 §3.1); 0 without ports.
    package let sourcePort: UInt16
    /// The receiver's port (RFC 9293 §3.1); 0 without ports.
    package let destinationPort: UInt16
    /// The datagram's length, in octets.
    package let length: UInt16
    /// What is wrong with the datagram's form.
    package let malformed: MalformationSet
    /// How many octets follow the IPv4 header; 0 without ports.
    package let segmentLength: UInt16
    /// The IPv4 header's length, in octets; 0 when the datagram ends before its ports do.
    package let headerLength: UInt8
    /// The control bits; none when the segment ends before them.
    package let flags: TCPFlags
    /// What the segment's checksum is worth; `nil` when the segment ends before it.
    package let checksum: ChecksumStatus?

    /// Reads a datagram of at most 65,535 octets, the IPv4 header first.
    package init(of datagram: Span<UInt8>) {
        length = UInt16(clamping: datagram.count)
        malformed = Malformation.set(in: datagram)
        guard let header = try? IPv4HeaderView(datagram), datagram.count >= header.headerLength + 4 else {
            source = .any
            destination = .any
            sourcePort = 0
            destinationPort = 0
            segmentLength = 0
            headerLength = 0
            flags = TCPFlags(rawValue: 0)
            checksum = nil
            return
        }
        let segment = datagram.extracting(droppingFirst: header.headerLength)
        source = header.source
        destination = header.destination
        sourcePort = segment.bigEndianUInt16(at: 0)
        destinationPort = segment.bigEndianUInt16(at: 2)
        segmentLength = UInt16(clamping: segment.count)
        headerLength = UInt8(truncatingIfNeeded: header.headerLength)
        flags = TCPFlags(rawValue: segment.count >= 14 ? segment[13] : 0)
        checksum = ChecksumVerdict(of: segment, from: header.source, to: header.destination)?.status
    }
}

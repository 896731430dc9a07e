/// The checksum of a TCP segment, and what it should have been (RFC 9293 §3.1).
package struct ChecksumVerdict: Hashable, Sendable {
    /// The field as it arrived.
    package let value: UInt16

    /// What the field is worth.
    package let status: ChecksumStatus

    /// The right value.
    ///
    /// Where it is 0, a `value` of 0xffff is valid too: both are zero in one's complement.
    package var expected: UInt16 {
        // Takes the field out again; the rest is never all zero, so there is one result.
        InternetChecksum.updating(complementedSum, replacing: value, with: 0 as UInt16)
    }

    /// What is left of all octets, the field and the pseudo-header.
    private let complementedSum: UInt16

    /// The verdict on a segment as it arrived between these addresses.
    ///
    /// The header need not be whole. Nil when `segment` ends before its checksum does, below 18 octets.
    @inline(__always)
    package init?(of segment: Span<UInt8>, from source: IPv4Address, to destination: IPv4Address) {
        guard segment.count >= 18 else { return nil }
        value = segment.bigEndianUInt16(at: 16)
        let pseudoHeader = InternetChecksum(tcpFrom: source, to: destination, segmentLength: segment.count)
        var sum = pseudoHeader
        sum.add(segment)
        complementedSum = sum.value
        if complementedSum == 0 {
            status = .valid
        } else {
            status = value == pseudoHeader.foldedSum ? .partial : .incorrect
        }
    }
}

/// An IPv4 datagram that carries a TCP segment, as a value (RFC 791 §3.1, RFC 9293 §3.1).
package struct TCPDatagram: Hashable, Sendable {
    /// The longest datagram, in octets.
    package static let maximumLength = 65535

    /// The IPv4 header, whose addresses the segment's checksum covers.
    package var ip: IPv4Header

    /// What the datagram carries.
    package var segment: TCPSegment

    /// A datagram of these two.
    package init(ip: IPv4Header, segment: TCPSegment) {
        self.ip = ip
        self.segment = segment
    }

    /// A copy of whatever arrived; encoding it gives the same octets.
    ///
    /// Octets after the IPv4 total length are padding of the link and are dropped.
    /// The payload is read as a segment whatever the protocol number and fragment offset are.
    ///
    /// - Throws: what ``IPv4HeaderView/init(_:)`` throws. Any segment is accepted.
    package init(copying octets: Span<UInt8>) throws(WireError) {
        let view = try IPv4HeaderView(octets)
        self.init(ip: IPv4Header(copying: view), segment: TCPSegment(copying: view.payload))
    }

    /// The length of what leaves, in octets.
    package var encodedLength: Int { ip.encodedLength + segment.encodedLength }

    /// The octets to send, with every checksum that was not given worked out.
    ///
    /// - Throws: ``WireError/badOptionsLength(_:)``, ``WireError/segmentTooLong(_:)``,
    ///   ``WireError/datagramTooLong(_:)`` or ``WireError/fieldOutOfRange(field:value:maximum:)`` for what no
    ///   datagram can hold.
    package func encoded() throws(WireError) -> [UInt8] {
        try check()
        return [UInt8](capacity: ip.encodedLength + segment.untruncatedLength) { output in append(to: &output) }
    }

    /// Appends the octets to send to `output`, as ``encoded()`` does.
    ///
    /// - Throws: what ``encoded()`` throws, and ``WireError/outputFull(needed:available:)`` when there is no room
    ///   for the datagram before its truncation. Nothing is appended then.
    @_lifetime(output: copy output)
    package func encode(into output: inout OutputSpan<UInt8>) throws(WireError) {
        try check()
        let needed = ip.encodedLength + segment.untruncatedLength
        guard needed <= output.freeCapacity else {
            throw .outputFull(needed: needed, available: output.freeCapacity)
        }
        append(to: &output)
    }

    private func check() throws(WireError) {
        try ip.check()
        try segment.check()
        guard encodedLength <= Self.maximumLength else { throw .datagramTooLong(encodedLength) }
    }

    @_lifetime(output: copy output)
    private func append(to output: inout OutputSpan<UInt8>) {
        ip.append(to: &output, payloadLength: segment.encodedLength)
        segment.append(to: &output, from: ip.source, to: ip.destination)
    }
}

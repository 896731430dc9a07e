import TCPWire

/// A segment template encoded ahead of time: what is left at sending is to copy it and to fill in what varies.
final class PreparedSegment: Sendable {
    /// What the segment that is answered, and the endpoint, settle at sending.
    struct Occasion {
        var source: TransportAddress
        var destination: TransportAddress
        var received = ReceivedNumbers()
        /// How many further answers it may cause, where that is bounded.
        var budget: UInt32 = 0
    }

    /// The numbers of a received segment that an answer may use.
    struct ReceivedNumbers: Equatable {
        var sequenceNumber: UInt32 = 0
        var acknowledgmentNumber: UInt32 = 0
        /// SEG.SEQ + SEG.LEN.
        var end: UInt32 = 0
    }

    private let octets: [UInt8]
    private let template: SegmentTemplate
    private let headerLength: Int
    private let payloadOffset: Int
    /// Whether ``octets`` hold all there is to send.
    private let isComplete: Bool

    /// The datagram's length, in octets.
    var length: Int { octets.count }

    /// The segment's length, in octets.
    var segmentLength: Int { octets.count - headerLength }

    /// Encodes a template for an endpoint; with a known remote, and no number taken from what is
    /// answered, once and for all.
    init(_ template: SegmentTemplate, local: TransportAddress, remote: TransportAddress?) throws(WireError) {
        let peer = remote ?? TransportAddress(address: .any, port: 0)
        let occasion = Occasion(source: local, destination: peer)
        let datagram = template.datagram(for: occasion)
        self.template = template
        octets = try datagram.encoded()
        headerLength = datagram.ip.encodedLength
        payloadOffset = headerLength + TCPSegmentView.minimumHeaderLength + template.options.count
        isComplete =
            remote != nil && !template.needsReceivedSegment && !template.identificationIsOurs
            && template.signatureKey == nil
    }

    /// Where the datagram goes.
    func destination(on occasion: Occasion) -> IPv4Address {
        template.ip.destination ?? occasion.destination.address
    }

    /// Fills `output`, which is ``length`` octets long.
    func write(into output: inout MutableSpan<UInt8>, on occasion: Occasion, identification: UInt16) {
        let octets = octets
        output.copy(octets.span)
        guard !isComplete else { return }

        let source = template.ip.source ?? occasion.source.address
        let destination = destination(on: occasion)
        output.store(bigEndian: source.rawValue, at: 12)
        output.store(bigEndian: destination.rawValue, at: 16)
        if template.identificationIsOurs {
            output.store(bigEndian: identification, at: 4)
        }
        output.store(bigEndian: UInt16(0), at: 10)
        var header = InternetChecksum()
        header.add(output.span.extracting(first: headerLength))
        output.store(bigEndian: header.value, at: 10)

        patch(&output, at: 0, template.sourcePort ?? occasion.source.port)
        patch(&output, at: 2, template.destinationPort ?? occasion.destination.port)
        let sequenceNumber = template.sequenceNumber.resolved(occasion.received)
        patch(&output, at: 4, UInt16(truncatingIfNeeded: sequenceNumber >> 16))
        patch(&output, at: 6, UInt16(truncatingIfNeeded: sequenceNumber))
        let acknowledgmentNumber = template.acknowledgmentNumber.resolved(occasion.received)
        patch(&output, at: 8, UInt16(truncatingIfNeeded: acknowledgmentNumber >> 16))
        patch(&output, at: 10, UInt16(truncatingIfNeeded: acknowledgmentNumber))
        template.signatureKey?.sign(&output, headerLength: headerLength, payloadOffset: payloadOffset)
        patch(&output, at: 16, 0)
        let checksum = template.checksum.value(
            for: output.span.extracting(droppingFirst: headerLength), from: source, to: destination)
        patch(&output, at: 16, checksum)
    }

    /// Stores a word of the TCP header, if the segment is not cut off before its end.
    private func patch(_ output: inout MutableSpan<UInt8>, at offset: Int, _ value: UInt16) {
        guard offset + 2 <= segmentLength else { return }
        output.store(bigEndian: value, at: headerLength + offset)
    }
}

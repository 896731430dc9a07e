/// What is wrong with the form of a datagram, so that its fields cannot all be trusted.
///
/// The raw values are stable. Contents that are merely unusual (reserved bits,
/// contradicting flags, a wrong checksum) are no malformations.
package enum Malformation: String, CaseIterable, Hashable, Sendable {
    /// Fewer octets than an IPv4 header has.
    case headerTruncated
    /// An IPv4 version other than 4.
    case versionNotFour
    /// An IPv4 header length below 5 words.
    case headerLengthTooSmall
    /// An IPv4 header length beyond the end.
    case headerLengthBeyondDatagram
    /// An IPv4 total length other than the number of octets that are there.
    case totalLengthMismatch
    /// A protocol other than TCP.
    case protocolNotTCP
    /// A fragment that is not the first, so that no TCP header is in it.
    case laterFragment
    /// Fewer octets than a TCP header has.
    case segmentTruncated
    /// A data offset below 5 words.
    case dataOffsetTooSmall
    /// A data offset beyond the end of the segment.
    case dataOffsetBeyondSegment
    /// A TCP option that the end of the header cuts off.
    case optionTruncated
    /// A TCP option whose length its kind cannot have, or below 2.
    case optionLengthInvalid
    /// Octets other than zero after an end of option list (RFC 9293 §3.1).
    case optionPaddingNotZero

    /// The set of this one alone.
    package var asSet: MalformationSet { MalformationSet(self) }
}

extension Malformation {
    /// What is wrong with an IPv4 datagram that should carry a TCP segment, in the order of the cases.
    ///
    /// Empty for a datagram in form: ``IPv4HeaderView`` and ``TCPSegmentView`` then read it.
    package static func reasons(in datagram: Span<UInt8>) -> [Malformation] {
        set(in: datagram).reasons
    }

    /// What is wrong with an IPv4 datagram that should carry a TCP segment, without allocating.
    ///
    /// Empty for a datagram in form: ``IPv4HeaderView`` and ``TCPSegmentView`` then read it.
    @inline(__always)
    package static func set(in datagram: Span<UInt8>) -> MalformationSet {
        guard datagram.count >= 20 else { return .headerTruncated }
        let words = datagram[0] & 0x0f
        var found: MalformationSet = datagram[0] >> 4 == 4 ? .none : .versionNotFour
        guard words >= 5 else { return found.union(.headerLengthTooSmall) }
        guard let header = try? IPv4HeaderView(datagram) else { return found.union(.headerLengthBeyondDatagram) }
        if Int(header.totalLength) != datagram.count { found.insert(.totalLengthMismatch) }
        if header.protocolNumber != 6 { found.insert(.protocolNotTCP) }
        if header.fragmentOffset != 0 { found.insert(.laterFragment) }
        guard found.isDisjoint(with: .notASegment) else { return found }
        return found.union(set(inSegment: header.payload))
    }

    /// What is wrong with a TCP segment, without allocating.
    @inline(__always)
    package static func set(inSegment segment: Span<UInt8>) -> MalformationSet {
        guard segment.count >= 20 else { return .segmentTruncated }
        let words = segment[12] >> 4
        guard words > 5 else { return words == 5 ? .none : .dataOffsetTooSmall }
        guard let view = try? TCPSegmentView(segment) else { return .dataOffsetBeyondSegment }
        return set(inOptions: view.options)
    }

    /// What is wrong with TCP options, without allocating.
    package static func set(inOptions options: Span<UInt8>) -> MalformationSet {
        var reader = TCPOptionReader(options)
        while reader.next() != nil {}
        return reader.malformations
    }
}

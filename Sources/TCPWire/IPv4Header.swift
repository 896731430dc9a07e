/// An IPv4 header as a value: one to send, or a copy of one that arrived (RFC 791 §3.1).
///
/// Any field may hold a value no conforming sender uses. The header length follows from ``options``.
package struct IPv4Header: Hashable, Sendable {
    /// The version to claim: 0 to 15.
    package var version: UInt8 = 4

    /// The differentiated services code point (RFC 2474 §3): 0 to 63.
    package var dscp: UInt8 = 0

    /// The explicit congestion notification (RFC 3168 §5): 0 to 3.
    package var ecn: UInt8 = 0

    /// The datagram's length to claim, in octets; `nil` for the right one.
    package var totalLength: UInt16?

    /// The identification of the datagram that a fragment belongs to.
    package var identification: UInt16 = 0

    /// The flag that must be zero.
    package var reservedFlag = false

    /// Whether routers must not fragment the datagram.
    package var dontFragment = true

    /// Whether fragments follow this one.
    package var moreFragments = false

    /// Where this fragment belongs, in units of 8 octets: 0 to 8191.
    package var fragmentOffset: UInt16 = 0

    /// How many hops the datagram may take.
    package var timeToLive: UInt8 = 64

    /// The protocol of the payload: 6 for TCP.
    package var protocolNumber: UInt8 = 6

    /// The header checksum; `nil` for the right one.
    package var checksum: UInt16?

    /// The source address.
    package var source: IPv4Address

    /// The destination address.
    package var destination: IPv4Address

    /// Encoded options with their padding: at most 40 octets, a multiple of 4.
    package var options: [UInt8] = []

    /// A header without options, for one hop of 64 at most and not to be fragmented.
    package init(source: IPv4Address, destination: IPv4Address) {
        self.source = source
        self.destination = destination
    }

    /// A copy of a header that arrived, its total length and checksum included.
    package init(copying view: IPv4HeaderView) {
        self.init(source: view.source, destination: view.destination)
        version = view.version
        dscp = view.dscp
        ecn = view.ecn
        totalLength = view.totalLength
        identification = view.identification
        reservedFlag = view.reservedFlag
        dontFragment = view.dontFragment
        moreFragments = view.moreFragments
        fragmentOffset = view.fragmentOffset
        timeToLive = view.timeToLive
        protocolNumber = view.protocolNumber
        checksum = view.checksum
        options = [UInt8](copying: view.options)
    }

    /// The length on the wire, in octets: 20 to 60.
    package var encodedLength: Int { IPv4HeaderView.minimumHeaderLength + options.count }

    /// Throws unless every field holds what the wire can hold.
    func check() throws(WireError) {
        guard options.count <= 40, options.count.isMultiple(of: 4) else {
            throw .badOptionsLength(options.count)
        }
        try WireError.check(version, of: "version", upTo: 15)
        try WireError.check(dscp, of: "dscp", upTo: 63)
        try WireError.check(ecn, of: "ecn", upTo: 3)
        try WireError.check(fragmentOffset, of: "fragmentOffset", upTo: 8191)
    }

    /// Appends a header that was checked, for a payload of so many octets, to an output with room for it.
    @_lifetime(output: copy output)
    func append(to output: inout OutputSpan<UInt8>, payloadLength: Int) {
        let start = output.count
        output.append(version << 4 | UInt8(encodedLength / 4))
        output.append(dscp << 2 | ecn)
        output.append(bigEndian: totalLength ?? UInt16(encodedLength + payloadLength))
        output.append(bigEndian: identification)
        let flags: UInt16 = (reservedFlag ? 0x8000 : 0) | (dontFragment ? 0x4000 : 0) | (moreFragments ? 0x2000 : 0)
        output.append(bigEndian: flags | fragmentOffset)
        output.append(timeToLive)
        output.append(protocolNumber)
        output.append(bigEndian: checksum ?? 0)
        output.append(bigEndian: source.rawValue)
        output.append(bigEndian: destination.rawValue)
        output.append(copying: options.span)

        guard checksum == nil else { return }
        var sum = InternetChecksum()
        sum.add(output.span.extracting(start...))
        var octets = output.mutableSpan
        octets.store(bigEndian: sum.value, at: start + 10)
    }
}

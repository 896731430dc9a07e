import TCPWire

/// Whom a datagram of the receive batch is for, as far as its addresses and ports tell.
struct Addressee {
    /// Its place in the receive batch.
    let place: Int
    /// Where the TCP segment begins, in octets; 0 when there are no ports.
    let headerLength: Int
    let source: TransportAddress
    let local: TransportAddress
    /// The endpoint's place; `nil` when there is none for it.
    var slot: Int?

    /// Reads what a datagram, which may be anything, says of its addresses and ports.
    @inline(__always)
    init(place: Int, _ octets: Span<UInt8>) {
        self.place = place
        guard let header = try? IPv4HeaderView(octets), octets.count >= header.headerLength + 4 else {
            headerLength = 0
            source = TransportAddress(address: .any, port: 0)
            local = TransportAddress(address: .any, port: 0)
            return
        }
        headerLength = header.headerLength
        source = TransportAddress(address: header.source, port: octets.bigEndianUInt16(at: headerLength))
        local = TransportAddress(address: header.destination, port: octets.bigEndianUInt16(at: headerLength + 2))
    }

    /// Whether it has ports.
    var isSegment: Bool { headerLength > 0 }
}

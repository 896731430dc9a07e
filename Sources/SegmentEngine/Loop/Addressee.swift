import TCPWire

/// What a datagram of the receive batch is, and whom it is for.
struct Addressee {
    let summary: DatagramSummary
    /// The endpoint's place; `nil` when there is none for it.
    private var knownSlot: Int32 = -1

    /// One for which no endpoint has been found yet.
    init(_ summary: DatagramSummary) {
        self.summary = summary
    }

    /// The endpoint's place; `nil` when there is none for it.
    var slot: Int? {
        get { knownSlot < 0 ? nil : Int(knownSlot) }
        set { knownSlot = newValue.map(Int32.init(clamping:)) ?? -1 }
    }

    /// Whether it has the ports of a segment.
    var isSegment: Bool { summary.headerLength > 0 }
    /// Who sent it.
    var source: TransportAddress { TransportAddress(address: summary.source, port: summary.sourcePort) }
    /// The address and port it was sent to.
    var local: TransportAddress { TransportAddress(address: summary.destination, port: summary.destinationPort) }
}

import TCPWire

/// An endpoint as a run works with it; for the engine's thread only.
final class RunEndpoint {
    /// How many segments are kept that only near misses tell of.
    private static let limit = 8

    let endpoint: EndpointRuntime
    /// What its socket had dropped when the run began.
    var dropsAtStart: UInt64 = 0
    /// Segments for its address and port from somebody else than its remote, the latest.
    private(set) var strays: [RunSegment] = []
    /// Resets that this host's kernel sent from its port, the first.
    private(set) var kernelResets: [RunSegment] = []
    /// Who sent the segment that a step took last.
    var peer: TransportAddress?
    var initialNumbers = DifferenceHint.InitialNumbers()

    init(_ endpoint: EndpointRuntime) {
        self.endpoint = endpoint
    }

    /// Where segments for it arrive.
    var place: NetworkPlace { NetworkPlace(network: endpoint.network, address: endpoint.local) }

    /// How many datagrams its socket has dropped since it was opened.
    var drops: UInt64 { endpoint.socket?.drops.count.value ?? dropsAtStart }

    /// Notes the number that a connection begins with.
    func note(sent template: SegmentTemplate) {
        guard template.flags.contains(.syn), case .value(let number) = template.sequenceNumber else { return }
        initialNumbers.own = number
    }

    func keep(stray segment: RunSegment) {
        if strays.count == Self.limit { strays.removeFirst() }
        strays.append(segment)
    }

    func keep(kernelReset segment: RunSegment) {
        guard kernelResets.count < Self.limit else { return }
        kernelResets.append(segment)
    }
}

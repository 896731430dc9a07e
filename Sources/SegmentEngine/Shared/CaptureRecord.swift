package import TCPWire

/// What the ring keeps beside a datagram's octets, in a fixed size.
package struct CaptureRecord: Sendable {
    /// What a record stands for.
    package enum Kind: UInt8, Sendable {
        /// A datagram that an endpoint received.
        case received
        /// A datagram that an endpoint sent.
        case sent
        /// The beginning of a datagram that an endpoint sent and the network reported an error about.
        case error
        /// Datagrams that a socket's receive buffer had no room for, between the records around this one.
        case loss
    }

    /// What an ICMP message said about a datagram that was sent (RFC 792).
    package struct NetworkReport: Sendable {
        package var type: UInt8
        package var code: UInt8
        /// Who sent the message, in host byte order; 0 when that is not known.
        package var offender: UInt32
        /// The MTU of the next hop where fragmentation was needed, in octets; else 0.
        package var mtu: UInt32
        /// The errno it stands for.
        package var errno: Int32
    }

    package var kind: Kind
    package var checksum: ChecksumStatus?
    package var malformed: MalformationSet
    /// The endpoint's serial number; 0 in a loss.
    package var endpoint: UInt32
    /// The endpoint's place in the engine, for its counters.
    var slot: UInt32
    /// The serial number of the socket.
    package var socket: UInt32
    /// Wall-clock time in nanoseconds since 1970.
    package var timestampNanoseconds: Int64

    /// Where the octets are, counted since the ring was made.
    var position: UInt64 = 0
    /// How many octets there are.
    package internal(set) var length: UInt32 = 0

    /// In a loss: how many datagrams; in an error: the MTU that was told.
    private var amount: UInt32
    // The rest of what an error says, in as little room as it takes, because every record has it.
    private var offender: UInt32 = 0
    private var icmpType: UInt8 = 0
    private var icmpCode: UInt8 = 0
    private var errno: UInt16 = 0

    /// In a loss: how many datagrams.
    package var lost: UInt32 { kind == .loss ? amount : 0 }

    /// In an error: what was said.
    package var report: NetworkReport? {
        guard kind == .error else { return nil }
        return NetworkReport(type: icmpType, code: icmpCode, offender: offender, mtu: amount, errno: Int32(errno))
    }

    init(
        kind: Kind, endpoint: UInt32, slot: UInt32, socket: UInt32, timestampNanoseconds: Int64,
        checksum: ChecksumStatus? = nil, malformed: MalformationSet = .none, lost: UInt32 = 0
    ) {
        self.kind = kind
        self.checksum = checksum
        self.malformed = malformed
        self.endpoint = endpoint
        self.slot = slot
        self.socket = socket
        self.timestampNanoseconds = timestampNanoseconds
        amount = lost
    }

    /// An error that the network reported about what an endpoint sent.
    init(_ report: NetworkReport, endpoint: UInt32, slot: UInt32, socket: UInt32, timestampNanoseconds: Int64) {
        self.init(
            kind: .error, endpoint: endpoint, slot: slot, socket: socket, timestampNanoseconds: timestampNanoseconds,
            lost: report.mtu)
        offender = report.offender
        icmpType = report.type
        icmpCode = report.code
        errno = UInt16(clamping: report.errno)
    }
}

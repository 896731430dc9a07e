import TCPWire

/// A datagram of the receive batch that is for an endpoint, as far as counting and answering need it.
struct Arrival {
    /// Its place in the receive batch.
    var place: Int
    /// Its number in the ring; 0 until it is there.
    var number: UInt64 = 0
    /// The endpoint's place.
    var slot: Int
    var timestampNanoseconds: Int64
    var source: TransportAddress
    /// The TCP segment's length, in octets.
    var segmentLength: Int
    /// `nil` when the segment ends before them.
    var flags: TCPFlags?
    /// `nil` when the segment ends before it.
    var checksum: ChecksumStatus?
    var malformed: MalformationSet
    /// How many datagrams the socket lost between the one before and this one.
    var lostBefore: UInt32 = 0
}

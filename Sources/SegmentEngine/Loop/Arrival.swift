/// A datagram of the receive batch that an endpoint has received.
struct Arrival {
    /// Its number in the ring; 0 until it is there.
    var number: UInt64 = 0
    /// The endpoint's place.
    let slot: Int
    /// Its place in the receive batch.
    let place: Int
    /// How many datagrams the socket lost between the one before and this one.
    let lostBefore: UInt32
}

/// Where a body comes from that is sent as it comes, piece by piece, instead of being in memory as a whole.
///
/// It is asked on the server's thread, one call at a time, and only when the client has taken the piece before, so a
/// slow reader slows its source down and nothing is piled up. When the client is gone, or the server stops, it is not
/// asked again and goes away.
package protocol BodySource: Sendable {
    /// What comes next; never waits.
    ///
    /// After ``BodyPiece/later`` it is not asked again before the bell has been rung, from whatever thread.
    mutating func nextPiece(ringing bell: BodyBell) -> BodyPiece
}

/// What a body goes on with.
package enum BodyPiece: Hashable, Sendable {
    /// Some octets, best not more than some ten thousand at a time: others wait meanwhile. None, and it is asked again.
    case octets([UInt8])
    /// Nothing yet; the bell will tell.
    case later
    case end
}

/// What became of the packets of a capture file that a transmission replays.
package struct ReplaySummary: Hashable, Sendable {
    /// Why a packet is not sent.
    package enum Reason: String, CaseIterable, Sendable {
        /// Its sender is not the one that is played.
        case otherSide
        /// The filter that was asked for does not let it pass.
        case filtered
        case notIPv4
        case notTCP
        case fragment
        /// The file does not have all of it.
        case cut
        /// Its lengths contradict each other, or its ports are missing.
        case malformed
    }

    /// How many packets the file has.
    package var packets = 0
    /// How many are sent.
    package var segments = 0
    /// How many are not, by the reason.
    package var skipped: [Reason: Int] = [:]
    /// How many had an identification that the kernel would replace, and have one of ours instead.
    package var renumbered = 0
    /// The side of the connection that is played, as captured; `nil` where there are several.
    package var played: TransportAddress?
    /// The other side.
    package var peer: TransportAddress?

    package init() {}

    package mutating func skip(_ reason: Reason) {
        skipped[reason, default: 0] += 1
    }
}

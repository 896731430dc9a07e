/// What a received TCP checksum is worth.
package enum ChecksumStatus: String, CaseIterable, Hashable, BitwiseCopyable, Sendable {
    /// The sum over pseudo-header and segment is right (RFC 9293 §3.1).
    case valid

    /// The field holds the pseudo-header's sum only.
    ///
    /// A kernel leaves the rest to the network device; between endpoints of one
    /// host there is none, so the segment arrives unfinished.
    case partial

    /// Neither of the two.
    case incorrect
}

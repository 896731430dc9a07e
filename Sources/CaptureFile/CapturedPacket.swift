/// A packet of a capture file: where it is in the file's octets, and what is known of it.
package struct CapturedPacket: Hashable, Sendable {
    /// Nanoseconds since 1970; `nil` where the file gives none.
    package var timestampNanoseconds: UInt64?
    package var linkType: LinkType
    /// What was kept of it.
    package var octets: Range<Int>
    /// How long it was on the wire.
    package var originalLength: UInt32

    /// Whether less was kept than there was.
    package var isCut: Bool { octets.count < Int(originalLength) }
}

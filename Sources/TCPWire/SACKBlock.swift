/// A range of octets that arrived out of order (RFC 2018 §3).
package struct SACKBlock: Hashable, Sendable {
    /// The first position of the block.
    package var leftEdge: SequenceNumber

    /// The position after the last of the block.
    package var rightEdge: SequenceNumber

    /// The block from `leftEdge` up to, but not including, `rightEdge`.
    package init(leftEdge: SequenceNumber, rightEdge: SequenceNumber) {
        self.leftEdge = leftEdge
        self.rightEdge = rightEdge
    }
}

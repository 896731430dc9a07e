/// A position in the sequence space, an integer modulo 2³² (RFC 9293 §3.4).
///
/// Deliberately not `Comparable`: the order is circular, so sorting means
/// nothing. Use ``precedes(_:)``.
package struct SequenceNumber: RawRepresentable, Hashable, Sendable {
    /// The number as the header carries it, in host byte order.
    package var rawValue: UInt32

    /// The position that a number in host byte order stands for.
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Whether this position comes before `other`, if they are within 2³¹ of each other.
    package func precedes(_ other: SequenceNumber) -> Bool {
        Int32(bitPattern: rawValue &- other.rawValue) < 0
    }

    /// The position `octets` later, wrapping at 2³².
    package static func + (start: SequenceNumber, octets: UInt32) -> SequenceNumber {
        SequenceNumber(rawValue: start.rawValue &+ octets)
    }
}

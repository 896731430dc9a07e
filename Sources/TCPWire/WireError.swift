/// Why octets cannot be read as, or a value written as, a protocol unit.
package enum WireError: Error, Hashable, Sendable {
    /// Fewer octets than the unit needs.
    case truncated(needed: Int, available: Int)

    /// A TCP data offset below 5 words.
    case dataOffsetTooSmall(UInt8)

    /// An IPv4 header length below 5 words.
    case headerLengthTooSmall(UInt8)

    /// Option octets that are more than 40, or not a multiple of 4.
    case badOptionsLength(Int)

    /// A segment of more octets than fit behind the smallest IPv4 header, 65,515.
    case segmentTooLong(Int)

    /// A datagram of more than 65,535 octets.
    case datagramTooLong(Int)

    /// A value beyond what its field can hold, the field named as in Swift.
    case fieldOutOfRange(field: String, value: Int, maximum: Int)

    /// Less room in the output than the unit takes, in octets.
    case outputFull(needed: Int, available: Int)
}

extension WireError: CustomStringConvertible {
    /// What was wrong, with its numbers, in one clause.
    package var description: String {
        switch self {
        case .truncated(let needed, let available):
            "\(needed) octets are needed, \(available) are there"
        case .dataOffsetTooSmall(let words):
            "the data offset is \(words) words, at least 5 are needed"
        case .headerLengthTooSmall(let words):
            "the IPv4 header length is \(words) words, at least 5 are needed"
        case .badOptionsLength(let count):
            "\(count) octets of options are not a multiple of 4 up to 40"
        case .segmentTooLong(let count):
            "a segment of \(count) octets is longer than 65515"
        case .datagramTooLong(let count):
            "a datagram of \(count) octets is longer than 65535"
        case .fieldOutOfRange(let field, let value, let maximum):
            "\(field) \(value) is not in 0…\(maximum)"
        case .outputFull(let needed, let available):
            "\(needed) octets do not fit in \(available)"
        }
    }
}

extension WireError {
    /// Throws unless `value` is one the field can hold, 0 to `maximum`.
    static func check(_ value: some BinaryInteger, of field: String, upTo maximum: Int) throws(WireError) {
        guard value >= 0, value <= maximum else {
            throw .fieldOutOfRange(field: field, value: Int(clamping: value), maximum: maximum)
        }
    }
}

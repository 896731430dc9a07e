import TCPWire

/// A field that may change from one segment of a repeat to the next.
package enum VariedField: Hashable, Sendable {
    case sourcePort, destinationPort, sequenceNumber, acknowledgmentNumber
    case dataOffset, reservedBits, flags, window, checksum, urgentPointer
    case source, destination, timeToLive, dscp, ecn, identification, fragmentOffset
    /// A word of the payload: so many octets in, 1, 2 or 4 octets wide.
    case payload(offset: Int, width: Int)

    /// The fields that have a name of their own, by that name.
    package static let named: [(name: String, field: VariedField)] = [
        ("sourcePort", .sourcePort), ("destinationPort", .destinationPort), ("sequenceNumber", .sequenceNumber),
        ("acknowledgmentNumber", .acknowledgmentNumber), ("dataOffset", .dataOffset),
        ("reservedBits", .reservedBits), ("flags", .flags), ("window", .window), ("checksum", .checksum),
        ("urgentPointer", .urgentPointer), ("ip.source", .source), ("ip.destination", .destination),
        ("ip.timeToLive", .timeToLive), ("ip.dscp", .dscp), ("ip.ecn", .ecn),
        ("ip.identification", .identification), ("ip.fragmentOffset", .fragmentOffset),
    ]

    /// Where a field is in a datagram: a big-endian word of 1, 2 or 4 octets, and the bits of it.
    struct Place: BitwiseCopyable {
        var offset: Int
        var width: Int
        var shift: UInt64 = 0
        var maximum: UInt64

        /// The field's value in the datagram that begins at an offset of the octets, with the first unless told otherwise.
        func value(in octets: Span<UInt8>, at start: Int = 0) -> UInt64 {
            (word(in: octets, at: start + offset) >> shift) & maximum
        }

        /// Changes the field in the datagram that begins at an offset of the octets.
        @inline(__always)
        func store(_ value: UInt64, in octets: inout MutableSpan<UInt8>, at start: Int) {
            let offset = start + offset
            let kept = isWhole ? 0 : word(in: octets.span, at: offset) & ~(maximum << shift)
            let word = kept | (value & maximum) << shift
            switch width {
            case 1: octets[offset] = UInt8(truncatingIfNeeded: word)
            case 2: octets.store(bigEndian: UInt16(truncatingIfNeeded: word), at: offset)
            default: octets.store(bigEndian: UInt32(truncatingIfNeeded: word), at: offset)
            }
        }

        /// Whether the field is all of its word.
        private var isWhole: Bool { maximum >> (8 * UInt64(width) - 1) != 0 }

        private func word(in octets: Span<UInt8>, at offset: Int) -> UInt64 {
            switch width {
            case 1: UInt64(octets[offset])
            case 2: UInt64(octets.bigEndianUInt16(at: offset))
            default: UInt64(octets.bigEndianUInt32(at: offset))
            }
        }
    }

    /// The largest value the field holds, 2ⁿ - 1.
    package var maximum: UInt64 { place(headerLength: 0, payloadOffset: 0).maximum }

    /// Whether the field is within a segment, as long as that is; the IPv4 header always is.
    package func isInside(_ template: SegmentTemplate) -> Bool {
        let payloadOffset = TCPSegmentView.minimumHeaderLength + template.options.count
        let length = min(template.truncatedLength ?? .max, payloadOffset + template.payload.count)
        switch self {
        case .source, .destination, .timeToLive, .dscp, .ecn, .identification, .fragmentOffset: return true
        default:
            let place = place(headerLength: 0, payloadOffset: payloadOffset)
            return place.offset + place.width <= length
        }
    }

    /// The place in a datagram whose TCP header and payload begin so many octets in.
    func place(headerLength: Int, payloadOffset: Int) -> Place {
        switch self {
        case .sourcePort: Place(offset: headerLength, width: 2, maximum: 0xffff)
        case .destinationPort: Place(offset: headerLength + 2, width: 2, maximum: 0xffff)
        case .sequenceNumber: Place(offset: headerLength + 4, width: 4, maximum: 0xffff_ffff)
        case .acknowledgmentNumber: Place(offset: headerLength + 8, width: 4, maximum: 0xffff_ffff)
        case .dataOffset: Place(offset: headerLength + 12, width: 1, shift: 4, maximum: 0xf)
        case .reservedBits: Place(offset: headerLength + 12, width: 1, maximum: 0xf)
        case .flags: Place(offset: headerLength + 13, width: 1, maximum: 0xff)
        case .window: Place(offset: headerLength + 14, width: 2, maximum: 0xffff)
        case .checksum: Place(offset: headerLength + 16, width: 2, maximum: 0xffff)
        case .urgentPointer: Place(offset: headerLength + 18, width: 2, maximum: 0xffff)
        case .source: Place(offset: 12, width: 4, maximum: 0xffff_ffff)
        case .destination: Place(offset: 16, width: 4, maximum: 0xffff_ffff)
        case .timeToLive: Place(offset: 8, width: 1, maximum: 0xff)
        case .dscp: Place(offset: 1, width: 1, shift: 2, maximum: 0x3f)
        case .ecn: Place(offset: 1, width: 1, maximum: 0x3)
        case .identification: Place(offset: 4, width: 2, maximum: 0xffff)
        case .fragmentOffset: Place(offset: 6, width: 2, maximum: 0x1fff)
        case .payload(let offset, let width):
            Place(offset: payloadOffset + offset, width: width, maximum: (1 << (8 * UInt64(width))) - 1)
        }
    }
}

/// A field and the values it takes.
package struct Variation: Hashable, Sendable {
    package var field: VariedField
    package var values: ValueSequence

    package init(_ field: VariedField, _ values: ValueSequence) {
        self.field = field
        self.values = values
    }
}

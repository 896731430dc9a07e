import TCPWire

@testable import SegmentEngine

extension TCPDatagram {
    /// A field's value, worked out where it follows from others; payload words of three octets do not exist.
    subscript(field: VariedField) -> UInt64 {
        get {
            switch field {
            case .sourcePort: UInt64(segment.sourcePort)
            case .destinationPort: UInt64(segment.destinationPort)
            case .sequenceNumber: UInt64(segment.sequenceNumber.rawValue)
            case .acknowledgmentNumber: UInt64(segment.acknowledgmentNumber.rawValue)
            case .dataOffset: UInt64(segment.dataOffset ?? UInt8(5 + segment.options.count / 4))
            case .reservedBits: UInt64(segment.reservedBits)
            case .flags: UInt64(segment.flags.rawValue)
            case .window: UInt64(segment.window)
            case .checksum: UInt64(checksumToSend)
            case .urgentPointer: UInt64(segment.urgentPointer)
            case .source: UInt64(ip.source.rawValue)
            case .destination: UInt64(ip.destination.rawValue)
            case .timeToLive: UInt64(ip.timeToLive)
            case .dscp: UInt64(ip.dscp)
            case .ecn: UInt64(ip.ecn)
            case .identification: UInt64(ip.identification)
            case .fragmentOffset: UInt64(ip.fragmentOffset)
            case .payload(let offset, let width):
                segment.payload[offset..<offset + width].reduce(0) { $0 << 8 | UInt64($1) }
            }
        }
        set {
            switch field {
            case .sourcePort: segment.sourcePort = UInt16(newValue)
            case .destinationPort: segment.destinationPort = UInt16(newValue)
            case .sequenceNumber: segment.sequenceNumber = SequenceNumber(rawValue: UInt32(newValue))
            case .acknowledgmentNumber: segment.acknowledgmentNumber = SequenceNumber(rawValue: UInt32(newValue))
            case .dataOffset: segment.dataOffset = UInt8(newValue)
            case .reservedBits: segment.reservedBits = UInt8(newValue)
            case .flags: segment.flags = TCPFlags(rawValue: UInt8(newValue))
            case .window: segment.window = UInt16(newValue)
            case .checksum: segment.checksum = .given(UInt16(newValue))
            case .urgentPointer: segment.urgentPointer = UInt16(newValue)
            case .source: ip.source = IPv4Address(rawValue: UInt32(newValue))
            case .destination: ip.destination = IPv4Address(rawValue: UInt32(newValue))
            case .timeToLive: ip.timeToLive = UInt8(newValue)
            case .dscp: ip.dscp = UInt8(newValue)
            case .ecn: ip.ecn = UInt8(newValue)
            case .identification: ip.identification = UInt16(newValue)
            case .fragmentOffset: ip.fragmentOffset = UInt16(newValue)
            case .payload(let offset, let width):
                for index in 0..<width {
                    segment.payload[offset + index] = UInt8(truncatingIfNeeded: newValue >> (8 * (width - 1 - index)))
                }
            }
        }
    }

    private var checksumToSend: UInt16 {
        guard let octets = try? encoded(), octets.count >= ip.encodedLength + 18 else { return 0 }
        return octets.span.bigEndianUInt16(at: ip.encodedLength + 16)
    }
}

extension VariedField {
    /// Where its last octet is, counted from the first of the segment, or before it in the IPv4 header.
    func end(optionsLength: Int) -> Int {
        switch self {
        case .sourcePort: 2
        case .destinationPort: 4
        case .sequenceNumber: 8
        case .acknowledgmentNumber: 12
        case .dataOffset, .reservedBits: 13
        case .flags: 14
        case .window: 16
        case .checksum: 18
        case .urgentPointer: 20
        case .source, .destination, .timeToLive, .dscp, .ecn, .identification, .fragmentOffset: 0
        case .payload(let offset, let width): 20 + optionsLength + offset + width
        }
    }

    /// How many bits it has (RFC 791 §3.1, RFC 9293 §3.1).
    var bitWidth: Int {
        switch self {
        case .sequenceNumber, .acknowledgmentNumber, .source, .destination: 32
        case .sourcePort, .destinationPort, .window, .checksum, .urgentPointer, .identification: 16
        case .fragmentOffset: 13
        case .flags, .timeToLive: 8
        case .dscp: 6
        case .dataOffset, .reservedBits: 4
        case .ecn: 2
        case .payload(_, let width): 8 * width
        }
    }

    /// Any field there is in a segment with so many octets of payload.
    static func random(payloadLength: Int, using generator: inout SeededGenerator) -> VariedField {
        let width = [1, 2, 4].randomElement(using: &generator) ?? 1
        if width <= payloadLength, Int.random(in: 0..<3, using: &generator) == 0 {
            return .payload(offset: .random(in: 0...(payloadLength - width), using: &generator), width: width)
        }
        return named.randomElement(using: &generator)?.field ?? .window
    }
}

extension ValueSequence {
    /// Any values that a field of so many bits can take.
    static func random(bitWidth: Int, using generator: inout SeededGenerator) -> ValueSequence {
        let maximum: UInt64 = (1 << UInt64(bitWidth)) - 1
        let bounds = [generator.next() & maximum, generator.next() & maximum].sorted()
        let range = bounds[0]...bounds[1]
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return .increment(.random(in: -Int64(maximum)...Int64(maximum), using: &generator))
        case 1: return .values((0..<Int.random(in: 1...5, using: &generator)).map { _ in generator.next() & maximum })
        case 2: return .range(range)
        default: return .random(seed: generator.next(), within: generator.either(nil, range))
        }
    }
}

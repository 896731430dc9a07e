import TCPWire

@testable import SegmentEngine

extension SegmentExpectation {
    /// What holds of exactly such a datagram as this one, read by other means than expectations have.
    static func all(of datagram: [UInt8]) throws -> SegmentExpectation {
        let header = try IPv4HeaderView(datagram.span)
        let segment = try TCPSegmentView(header.payload)
        var expectation = SegmentExpectation()
        expectation.flags = segment.flags
        expectation.withoutFlags = TCPFlags(rawValue: ~segment.flags.rawValue)
        expectation.payload = .exactly([UInt8](copying: segment.payload))
        let values: [ExpectedField: UInt64] = [
            .sourcePort: UInt64(segment.sourcePort), .destinationPort: UInt64(segment.destinationPort),
            .sequenceNumber: UInt64(segment.sequenceNumber.rawValue),
            .acknowledgmentNumber: UInt64(segment.acknowledgmentNumber.rawValue),
            .dataOffset: UInt64(segment.dataOffset), .reservedBits: UInt64(segment.reservedBits),
            .window: UInt64(segment.window), .checksum: UInt64(segment.checksum),
            .urgentPointer: UInt64(segment.urgentPointer), .source: UInt64(header.source.rawValue),
            .destination: UInt64(header.destination.rawValue), .timeToLive: UInt64(header.timeToLive),
            .dscp: UInt64(header.dscp), .ecn: UInt64(header.ecn), .identification: UInt64(header.identification),
            .reservedFlag: header.reservedFlag ? 1 : 0, .dontFragment: header.dontFragment ? 1 : 0,
            .moreFragments: header.moreFragments ? 1 : 0, .fragmentOffset: UInt64(header.fragmentOffset),
            .headerLength: UInt64(header.headerLength), .totalLength: UInt64(header.totalLength),
        ]
        expectation.numbers = ExpectedField.allCases.compactMap { field in
            values[field].map { NumberTest(field, .exactly($0)) }
        }
        return expectation
    }
}

extension NumberPattern {
    /// A pattern of any form that holds for a value, and one that does not.
    static func random(
        for value: UInt64, of field: ExpectedField, using generator: inout SeededGenerator
    ) -> (right: NumberPattern, wrong: NumberPattern) {
        let other = (value + UInt64.random(in: 1...field.maximum, using: &generator)) % (field.maximum + 1)
        switch Int.random(in: 0...3, using: &generator) {
        case 0: return (right: .exactly(value), wrong: .exactly(other))
        case 1:
            let right = NumberPattern.range(
                from: .random(in: 0...value, using: &generator),
                to: .random(in: value...field.maximum, using: &generator))
            return (right: right, wrong: .range(from: other, to: other))
        case 2:
            let mask = (value ^ other) | .random(in: 0...field.maximum, using: &generator)
            return (right: .bits(mask: mask, value: value & mask), wrong: .bits(mask: mask, value: other & mask))
        default:
            return (
                right: .anyOf([.exactly(other), .range(from: value, to: value)]),
                wrong: .anyOf([.exactly(other), .bits(mask: field.maximum, value: other)])
            )
        }
    }
}

import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct VariedFieldTests {
    private static let fields: [VariedField] =
        VariedField.named.map(\.field)
        + [.payload(offset: 0, width: 1), .payload(offset: 3, width: 2), .payload(offset: 1, width: 4)]

    @Test func everyFieldOfASegmentHasItsName() {
        let names = VariedField.named.map(\.name)
        #expect(
            names.sorted() == [
                "acknowledgmentNumber", "checksum", "dataOffset", "destinationPort", "flags", "ip.destination",
                "ip.dscp", "ip.ecn", "ip.fragmentOffset", "ip.identification", "ip.source", "ip.timeToLive",
                "reservedBits", "sequenceNumber", "sourcePort", "urgentPointer", "window",
            ])
        #expect(Set(VariedField.named.map(\.field)).count == names.count)
    }

    @Test(arguments: fields)
    func holdsAsMuchAsItsBits(field: VariedField) {
        #expect(field.maximum == (1 << UInt64(field.bitWidth)) - 1)
    }

    /// Whatever is around it: the field is found in an encoded datagram, and storing it changes nothing else.
    @Test(arguments: fields, UInt64(0)..<10)
    func isInItsPlace(field: VariedField, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var template = SegmentTemplate.random(using: &generator)
        template.truncatedLength = nil
        template.payload = generator.octets(count: 5)
        template.dataOffset = UInt8(5 + template.options.count / 4)
        let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        var datagram = template.datagram(for: occasion)
        // Given, so that they stay.
        datagram.ip.checksum = 0x1234
        datagram.segment.checksum = .given(0x5678)
        let before = try datagram.encoded()
        let place = field.place(
            headerLength: datagram.ip.encodedLength,
            payloadOffset: datagram.ip.encodedLength + 20 + template.options.count)
        #expect(place.value(in: before.span) == datagram[field])
        for value in [0, field.maximum, generator.next() & field.maximum] {
            var after = before
            var span = after.mutableSpan
            place.store(value, in: &span, at: 0)
            datagram[field] = value
            #expect(try after == datagram.encoded())
        }
    }
}

import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct PreparedStepTests {
    private static let occasion = PreparedSegment.Occasion(source: .loopback(50_000), destination: .loopback(50_001))
    private static let numbers: [UInt64] = [0, 1, 2, 65_535, 65_536, 999_999_999_999]

    /// The datagram of a number, every varied field of a value set one by one.
    private func expected(_ step: TransmissionPlan.Step, number: UInt64) throws -> TCPDatagram {
        let base = step.template.datagram(for: Self.occasion)
        var datagram = base
        let present = min(
            step.template.truncatedLength ?? .max, 20 + base.segment.options.count + base.segment.payload.count)
        for variation in step.variations {
            let field = variation.field
            guard field.end(optionsLength: base.segment.options.count) <= present else { continue }
            datagram[field] = variation.values.value(number, base: base[field], maximum: field.maximum)
        }
        return datagram
    }

    private func check(_ step: TransmissionPlan.Step) throws {
        let prepared = try PreparedStep(step, on: Self.occasion, identification: 1)
        for number in Self.numbers {
            let datagram = try expected(step, number: number)
            let octets = try datagram.encoded()
            let written = prepared.written(number)
            #expect(written.octets == octets, "number \(number)")
            #expect(written.destination == datagram.ip.destination)
            #expect(prepared.length == octets.count)
            #expect(prepared.segmentLength == octets.count - datagram.ip.encodedLength)
        }
        // Several at once, as they leave.
        var batch = [UInt8](repeating: 0xee, count: 3 * prepared.length)
        var span = batch.mutableSpan
        prepared.write(into: &span, from: 65_535)
        #expect(batch == (65_535...65_537).flatMap { prepared.written($0).octets })
    }

    @Test(arguments: UInt64(0)..<1500)
    func writesWhatTheDatagramWithItsFieldsSetEncodesTo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var step = TransmissionPlan.Step(.random(using: &generator))
        // Where the engine numbers datagrams is another test's.
        step.template.ip.identification = step.template.ip.identification ?? 0
        let payloadLength = step.template.payload.count
        step.variations = (0..<Int.random(in: 0...6, using: &generator)).map { _ in
            let field = VariedField.random(payloadLength: payloadLength, using: &generator)
            return Variation(field, .random(bitWidth: field.bitWidth, using: &generator))
        }
        try check(step)
    }

    /// Every field alone, whatever is asked of the checksum.
    @Test(
        arguments: VariedField.named.map(\.field) + [.payload(offset: 0, width: 4), .payload(offset: 4, width: 1)],
        [ChecksumChoice.correct, .incorrect, .given(0xabcd)])
    func followsOneField(field: VariedField, checksum: ChecksumChoice) throws {
        var step = TransmissionPlan.Step(SegmentTemplate())
        step.template.payload = [1, 2, 3, 4, 5]
        step.template.options = [2, 4, 5, 180]
        step.template.ip.options = [1, 1, 1, 0]
        step.template.checksum = checksum
        for values in [ValueSequence.increment(1), .increment(-1), .values([0, 1]), .random(seed: 1, within: nil)] {
            step.variations = [Variation(field, values)]
            try check(step)
        }
    }

    /// Neighbours that share a 16-bit word of the checksum, and words that overlap.
    @Test(
        arguments: [
            [.dataOffset, .reservedBits, .flags], [.dscp, .ecn], [.source, .destination],
            [.payload(offset: 0, width: 1), .payload(offset: 1, width: 1)],
            [.payload(offset: 1, width: 2), .payload(offset: 2, width: 4)],
            [.payload(offset: 4, width: 2), .payload(offset: 6, width: 1)], [.window, .window],
        ] as [[VariedField]], 5...8)
    func fieldsMayShareAWord(fields: [VariedField], payloadLength: Int) throws {
        var generator = SeededGenerator(seed: UInt64(payloadLength))
        for _ in 0..<20 {
            var step = TransmissionPlan.Step(SegmentTemplate())
            step.template.payload = generator.octets(count: payloadLength)
            step.variations = fields.filter { $0.end(optionsLength: 0) <= 20 + payloadLength }.map { field in
                Variation(field, .random(bitWidth: field.bitWidth, using: &generator))
            }
            try check(step)
        }
    }

    /// A sum that comes to 0 either way (RFC 1624 §3).
    @Test func theChecksumIsTheEncodersAtEveryValue() throws {
        var step = TransmissionPlan.Step(SegmentTemplate())
        step.variations = [Variation(.window, .range(0...0xffff))]
        let prepared = try PreparedStep(step, on: Self.occasion, identification: 1)
        var datagram = step.template.datagram(for: Self.occasion)
        var different = 0
        for window in UInt16.min...UInt16.max {
            datagram.segment.window = window
            if prepared.written(UInt64(window)).octets != (try datagram.encoded()) { different += 1 }
        }
        #expect(different == 0)
    }

    @Test(arguments: 0...32)
    func whatIsCutOffDoesNotVary(length: Int) throws {
        for checksum in [ChecksumChoice.correct, .incorrect, .given(0xabcd)] {
            var step = TransmissionPlan.Step(SegmentTemplate())
            step.template.payload = Array(0..<12)
            step.template.truncatedLength = length
            step.template.checksum = checksum
            step.variations =
                (VariedField.named.map(\.field) + [.payload(offset: 7, width: 4)])
                .filter { $0 != .checksum }.map { Variation($0, .increment(3)) }
            try check(step)
        }
    }

    /// The kernel would replace a 0 where fragmenting is allowed, and so never sees one.
    @Test func numbersDatagramsThatMayBeFragmented() throws {
        var step = TransmissionPlan.Step(SegmentTemplate())
        step.template.ip.dontFragment = false
        let prepared = try PreparedStep(step, on: Self.occasion, identification: 65_534)
        let numbers = (0..<4).map { number in prepared.written(number).identification }
        #expect(numbers == [65_534, 65_535, 1, 2])

        step.variations = [Variation(.identification, .range(7...8))]
        let given = try PreparedStep(step, on: Self.occasion, identification: 65_534)
        #expect(given.written(1).identification == 8)
    }

    @Test func keepsWhatTheRepeatSays() throws {
        var step = TransmissionPlan.Step(SegmentTemplate())
        #expect(step.recorded == 100)
        step.count = 7
        step.recorded = 3
        step.pacing = .rate(perSecond: 9)
        let prepared = try PreparedStep(step, on: Self.occasion, identification: 1)
        #expect(prepared.count == 7)
        #expect(prepared.recorded == 3)
        #expect(prepared.pacing == .rate(perSecond: 9))
    }

    @Test func refusesWhatNoDatagramHolds() {
        var step = TransmissionPlan.Step(SegmentTemplate())
        step.template.payload = [UInt8](repeating: 0, count: 65_496)
        #expect(throws: WireError.segmentTooLong(65_516)) {
            _ = try PreparedStep(step, on: Self.occasion, identification: 1)
        }
    }
}

/// A datagram that a step was asked to write.
struct WrittenDatagram {
    var octets: [UInt8]
    var destination: IPv4Address

    var identification: UInt16 { UInt16(octets[4]) << 8 | UInt16(octets[5]) }
}

extension PreparedStep {
    /// The datagram of a number.
    func written(_ number: UInt64) -> WrittenDatagram {
        var octets = [UInt8](repeating: 0xee, count: length)
        var span = octets.mutableSpan
        write(into: &span, from: number)
        let destination = span.span.bigEndianUInt32(at: 16)
        return WrittenDatagram(octets: octets, destination: IPv4Address(rawValue: destination))
    }
}

import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct PreparedSegmentTests {
    private func written(
        _ segment: PreparedSegment, _ occasion: PreparedSegment.Occasion, identification: UInt16
    ) -> [UInt8] {
        [UInt8](capacity: segment.length) { output in
            output.append(repeating: 0xee, count: segment.length)
            var span = output.mutableSpan
            segment.write(into: &span, on: occasion, identification: identification)
        }
    }

    /// The datagram's octets, by way of the encoder that sends nothing.
    private func expected(
        _ template: SegmentTemplate, _ occasion: PreparedSegment.Occasion, identification: UInt16
    ) throws -> [UInt8] {
        var datagram = template.datagram(for: occasion)
        if template.ip.identification == nil, !template.ip.dontFragment {
            datagram.ip.identification = identification
        }
        return try datagram.encoded()
    }

    @Test(arguments: UInt64(0)..<400)
    func writesWhatTheDatagramEncodesTo(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let template = SegmentTemplate.random(using: &generator)
        let local = TransportAddress.loopback(.random(in: 1...65535, using: &generator))
        let remote = TransportAddress.loopback(.random(in: 1...65535, using: &generator), host: 9)
        let fixed = try PreparedSegment(template, local: local, remote: remote)
        let open = try PreparedSegment(template, local: local, remote: nil)
        for _ in 0..<4 {
            var occasion = PreparedSegment.Occasion(source: local, destination: remote)
            occasion.received = .random(using: &generator)
            let identification = UInt16.random(in: 1...65535, using: &generator)
            let octets = try expected(template, occasion, identification: identification)
            #expect(written(fixed, occasion, identification: identification) == octets)
            #expect(written(open, occasion, identification: identification) == octets)
            #expect(fixed.length == octets.count)
            #expect(fixed.segmentLength == octets.count - 20 - template.ip.options.count)
            #expect(fixed.destination(on: occasion) == template.ip.destination ?? remote.address)

            // A peer that is known at sending only.
            occasion.destination = .random(of: 9, using: &generator)
            let other = try expected(template, occasion, identification: identification)
            #expect(written(open, occasion, identification: identification) == other)
        }
    }

    @Test(arguments: 0...24)
    func writesWhatIsLeftOfATruncatedSegment(length: Int) throws {
        for checksum in [ChecksumChoice.correct, .incorrect, .given(0xabcd)] {
            var template = SegmentTemplate()
            template.payload = [1, 2, 3, 4]
            template.truncatedLength = length
            template.sequenceNumber = .received(.end, plus: 1)
            template.checksum = checksum
            var occasion = PreparedSegment.Occasion(source: .loopback(50_000), destination: .loopback(50_001))
            occasion.received.end = 0xffff_ffff
            let segment = try PreparedSegment(template, local: .loopback(50_000), remote: .loopback(50_001))
            #expect(segment.segmentLength == length)
            let octets = try expected(template, occasion, identification: 1)
            #expect(written(segment, occasion, identification: 1) == octets)
        }
    }

    @Test(arguments: [
        (NumberSource.value(7), 7 as UInt32), (.received(.sequenceNumber, plus: 0), 100),
        (.received(.acknowledgmentNumber, plus: 1), 0), (.received(.end, plus: .max), 111),
    ])
    func takesNumbersFromWhatIsAnswered(source: NumberSource, expected: UInt32) throws {
        var template = SegmentTemplate()
        template.sequenceNumber = source
        template.acknowledgmentNumber = source
        var occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        occasion.received = .init(sequenceNumber: 100, acknowledgmentNumber: .max, end: 112)
        let segment = try PreparedSegment(template, local: .loopback(1), remote: .loopback(2))
        let octets = written(segment, occasion, identification: 1)
        let datagram = try TCPDatagram(copying: octets.span)
        #expect(datagram.segment.sequenceNumber.rawValue == expected)
        #expect(datagram.segment.acknowledgmentNumber.rawValue == expected)
        let view = try IPv4HeaderView(octets.span)
        let verdict = ChecksumVerdict(of: view.payload, from: view.source, to: view.destination)
        #expect(verdict?.status == .valid)
    }

    /// RFC 6864 §4.1: atomic datagrams need none; the kernel would fill in a 0 where fragmenting is allowed.
    @Test(arguments: [
        (true, nil as UInt16?, 0 as UInt16), (true, 9, 9), (false, nil, 77), (false, 9, 9),
    ])
    func numbersDatagramsThatMayBeFragmented(dontFragment: Bool, given: UInt16?, expected: UInt16) throws {
        var template = SegmentTemplate()
        template.ip.dontFragment = dontFragment
        template.ip.identification = given
        let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        let segment = try PreparedSegment(template, local: .loopback(1), remote: .loopback(2))
        let octets = written(segment, occasion, identification: 77)
        #expect(try TCPDatagram(copying: octets.span).ip.identification == expected)
    }

    @Test func refusesWhatNoDatagramHolds() {
        var template = SegmentTemplate()
        template.payload = [UInt8](repeating: 0, count: 65_496)
        #expect(throws: WireError.segmentTooLong(65_516)) {
            _ = try PreparedSegment(template, local: .loopback(1), remote: .loopback(2))
        }
        template.payload = [UInt8](repeating: 0, count: 65_495)
        template.ip.options = [1, 1, 1, 1]
        #expect(throws: WireError.datagramTooLong(65_539)) {
            _ = try PreparedSegment(template, local: .loopback(1), remote: nil)
        }
    }
}

extension PreparedSegment.ReceivedNumbers {
    fileprivate static func random(using generator: inout SeededGenerator) -> Self {
        Self(
            sequenceNumber: .random(in: 0...UInt32.max, using: &generator),
            acknowledgmentNumber: .random(in: 0...UInt32.max, using: &generator),
            end: .random(in: 0...UInt32.max, using: &generator))
    }
}

extension NumberSource {
    fileprivate static func random(using generator: inout SeededGenerator) -> Self {
        let number = UInt32.random(in: 0...UInt32.max, using: &generator)
        let name = ReceivedNumber.allCases.randomElement(using: &generator) ?? .end
        return generator.either(.value(number), .received(name, plus: number))
    }
}

extension SegmentTemplate {
    /// A template any of whose fields may hold anything.
    fileprivate static func random(using generator: inout SeededGenerator) -> SegmentTemplate {
        var template = SegmentTemplate()
        template.sourcePort = generator.either(nil, 4000)
        template.destinationPort = generator.either(nil, 4001)
        template.sequenceNumber = .random(using: &generator)
        template.acknowledgmentNumber = .random(using: &generator)
        template.dataOffset = generator.either(nil, 15)
        template.reservedBits = .random(in: 0...15, using: &generator)
        template.flags = TCPFlags(rawValue: .random(in: 0...255, using: &generator))
        template.window = .random(in: 0...65535, using: &generator)
        template.checksum =
            [.correct, .incorrect, .given(.random(in: 0...65535, using: &generator))].randomElement(using: &generator)
            ?? .correct
        template.urgentPointer = .random(in: 0...65535, using: &generator)
        template.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        template.payload = generator.octets(count: Int.random(in: 0...40, using: &generator))
        template.truncatedLength = generator.either(nil, 30)
        template.ip.source = generator.either(nil, IPv4Address(rawValue: 0x0a00_0001))
        template.ip.destination = generator.either(nil, IPv4Address(rawValue: 0x0a00_0002))
        template.ip.timeToLive = .random(in: 0...255, using: &generator)
        template.ip.dscp = .random(in: 0...63, using: &generator)
        template.ip.ecn = .random(in: 0...3, using: &generator)
        template.ip.identification = generator.either(nil, 99)
        template.ip.reservedFlag = .random(using: &generator)
        template.ip.dontFragment = .random(using: &generator)
        template.ip.moreFragments = .random(using: &generator)
        template.ip.fragmentOffset = .random(in: 0...8191, using: &generator)
        template.ip.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        return template
    }
}

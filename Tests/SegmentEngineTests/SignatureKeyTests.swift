import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SignatureKeyTests {
    /// The option of RFC 2385, its digest not worked out yet, and two octets of padding.
    private static let option: [UInt8] = [19, 18] + [UInt8](repeating: 0, count: 16) + [1, 1]

    private func template(payload: [UInt8], key: [UInt8]) -> SegmentTemplate {
        var template = SegmentTemplate()
        template.flags = .syn
        template.sequenceNumber = .value(1000)
        template.options = Self.option
        template.signatureKey = SignatureKey(octets: key, offset: 2)
        template.payload = payload
        return template
    }

    private let occasion = PreparedSegment.Occasion(
        source: TransportAddress(address: IPv4Address(rawValue: 0x0a00_0001), port: 50_001),
        destination: TransportAddress(address: IPv4Address(rawValue: 0x0a00_0002), port: 50_000))

    private static func octets(_ hexadecimal: String) -> [UInt8] {
        var rest = Substring(hexadecimal)
        var octets: [UInt8] = []
        while let octet = UInt8(rest.prefix(2), radix: 16) {
            octets.append(octet)
            rest = rest.dropFirst(2)
        }
        return octets
    }

    /// Worked out by Python's hashlib over what RFC 2385 §2.0 lists.
    private static let golden: [(payload: [UInt8], key: [UInt8], digest: [UInt8])] = [
        ([], Array("secret".utf8), octets("1c76ac54f3ba07f2851971f5cd0aa5af")),
        (Array("Hello server".utf8), Array("secret".utf8), octets("b2e8addf5fe6e9c68f6a72bd3bc5f702")),
        (Array("xxx".utf8), [], octets("eaaf4631230745fd684b9ab2bd3fd370")),
        (Array("Hello server".utf8), Array(0..<80), octets("98367d7188800b91ac515ceb4d538777")),
    ]

    @Test(arguments: golden)
    func theDigestIsThatOfTheRFC(payload: [UInt8], key: [UInt8], digest: [UInt8]) throws {
        let template = template(payload: payload, key: key)
        let occasion = occasion
        let step = try PreparedStep(.init(template), on: occasion, identification: 1).written(0).octets
        #expect(Array(step[42..<58]) == digest)
        let view = try IPv4HeaderView(step.span)
        let verdict = ChecksumVerdict(of: view.payload, from: view.source, to: view.destination)
        #expect(verdict?.status == .valid)

        // As a reply is sent.
        let segment = try PreparedSegment(template, local: occasion.source, remote: occasion.destination)
        let reply = [UInt8](capacity: segment.length) { output in
            output.append(repeating: 0xee, count: segment.length)
            var span = output.mutableSpan
            segment.write(into: &span, on: occasion, identification: 1)
        }
        #expect(reply == step)
    }

    /// Neither the checksum nor the options are covered, wherever the digest lies.
    @Test func theDigestGoesWhereTheOptionIs() throws {
        var template = template(payload: Array("bgp".utf8), key: Array("key".utf8))
        template.options = [1, 1, 19, 18] + [UInt8](repeating: 0xff, count: 16)
        template.signatureKey?.offset = 4
        template.sequenceNumber = .value(0x0102_0304)
        template.acknowledgmentNumber = .value(0x0506_0708)
        template.flags = [.psh, .ack]
        template.window = 512
        template.urgentPointer = 9
        let occasion = PreparedSegment.Occasion(
            source: TransportAddress(address: IPv4Address(rawValue: 0xc000_0201), port: 179),
            destination: TransportAddress(address: IPv4Address(rawValue: 0xc633_6402), port: 1024))
        for checksum in [ChecksumChoice.correct, .incorrect, .given(0xabcd)] {
            template.checksum = checksum
            let octets = try PreparedStep(.init(template), on: occasion, identification: 1).written(0).octets
            #expect(Array(octets[44..<60]) == Self.octets("ae7143a1022a72ad58d709cae1a567bb"))
            #expect(octets[40..<44] == [1, 1, 19, 18])
        }
    }

    @Test(arguments: [ChecksumChoice.correct, .incorrect, .given(0xabcd)])
    func followsWhatVaries(checksum: ChecksumChoice) throws {
        var step = TransmissionPlan.Step(template(payload: [0, 0, 0], key: [1, 2, 3]))
        step.template.checksum = checksum
        step.variations = [
            Variation(.sequenceNumber, .increment(5)), Variation(.source, .increment(1)),
            Variation(.payload(offset: 1, width: 1), .increment(1)),
        ]
        let prepared = try PreparedStep(step, on: occasion, identification: 1)
        let key = SignatureKey(octets: [1, 2, 3], offset: 2)
        for number in UInt64(0)..<300 {
            var datagram = step.template.datagram(for: occasion)
            for variation in step.variations {
                let field = variation.field
                datagram[field] = variation.values.value(number, base: datagram[field], maximum: field.maximum)
            }
            let unsigned = try datagram.encoded()
            let digest = key.digest(
                of: unsigned.span.extracting(20...), dataStart: 40, from: datagram.ip.source,
                to: datagram.ip.destination)
            datagram.segment.options.replaceSubrange(2..<18, with: digest)
            #expect(try prepared.written(number).octets == datagram.encoded())
        }
    }

    @Test(arguments: 0...41)
    func whatIsCutOffIsNotSigned(length: Int) throws {
        var template = template(payload: [1], key: [1])
        template.truncatedLength = length
        let octets = try PreparedStep(.init(template), on: occasion, identification: 1).written(0).octets
        #expect(octets.count == 20 + length)
        let digest = octets.dropFirst(42).prefix(16)
        let isSigned = digest.contains { $0 != 0 }
        #expect(isSigned == (length >= 40))
    }
}

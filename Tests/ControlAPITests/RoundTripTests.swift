import CaptureFilter
import HTTPMessage
import JSONText
import LinuxSystem
import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct RoundTripTests {
    @Test(arguments: UInt64(0)..<300)
    func whatAnEndpointShowsIsReadAsTheSameDefinition(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bench = try Bench()
        var definition = EndpointDefinition.random(using: &generator)
        bench.publish(definition)
        let shown = try bench.answer("GET", "/endpoints/e")
        #expect(shown.status == 200)
        let response = try bench.answer("POST", "/endpoints", shown.text)
        #expect(response.status == 201, "\(response.text)")
        guard case .create(let read, _)? = bench.latest else { throw Missing() }
        definition.startsAtOnce = true
        #expect(read == [definition], "\(shown.text)")
    }

    @Test(arguments: UInt64(0)..<600)
    func whatACaptureShowsIsReadAsASegmentOfTheSameOctets(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let captured = try TCPDatagram.random(using: &generator).encoded()
        try checkReading(captured)
    }

    /// Cut off at every length.
    @Test(arguments: 20...72)
    func readsACaptureOfAnyLength(length: Int) throws {
        var generator = SeededGenerator(seed: 5)
        var datagram = TCPDatagram.random(using: &generator)
        datagram.ip.options = []
        datagram.segment = TCPSegment(copying: generator.octets(count: 52).span)
        datagram.segment.truncatedLength = length - 20
        try checkReading(try datagram.encoded())
    }

    private func checkReading(_ captured: [UInt8]) throws {
        let bench = try Bench()
        var definition = EndpointDefinition(preset: .server)
        definition.id = "e"
        bench.publish(definition)
        bench.capture(captured)
        let shown = try bench.answer("GET", "/segments/1")
        #expect(shown.status == 200)
        let response = try bench.answer("POST", "/endpoints/e/segments", shown.text)
        #expect(response.status == 202, "\(response.text)")
        guard case .send(let plan, _, _, _)? = bench.latest, let template = plan.steps.first?.template else {
            throw Missing()
        }
        let nobody = TransportAddress(address: .any, port: 0)
        let sent = try template.datagram(for: .init(source: nobody, destination: nobody)).encoded()
        #expect(sent == captured, "\(shown.text)")
    }

    private struct Missing: Error {}
}

extension TCPDatagram {
    /// A datagram as the kernel can have delivered it: the header is right, the segment may be anything.
    fileprivate static func random(using generator: inout SeededGenerator) -> TCPDatagram {
        var header = IPv4Header(
            source: IPv4Address(rawValue: .random(in: 1...UInt32.max, using: &generator)),
            destination: IPv4Address(rawValue: .random(in: 0...UInt32.max, using: &generator)))
        header.dscp = .random(in: 0...63, using: &generator)
        header.ecn = .random(in: 0...3, using: &generator)
        header.reservedFlag = .random(using: &generator)
        header.dontFragment = .random(using: &generator)
        // Where fragmenting is allowed, the kernel would fill in a 0.
        header.identification = .random(in: header.dontFragment ? 0...2 : 1...65535, using: &generator)
        header.moreFragments = .random(using: &generator)
        header.fragmentOffset = .random(in: 0...8191, using: &generator)
        header.timeToLive = .random(in: 0...255, using: &generator)
        header.options = generator.octets(count: 4 * generator.one(of: [0, 0, 1, 10]))
        var segment = TCPSegment(copying: generator.octets(count: Int.random(in: 0...90, using: &generator)).span)
        if Bool.random(using: &generator), segment.truncatedLength == nil {
            segment.options = .randomOptions(using: &generator)
            segment.dataOffset = generator.one(of: [nil, .random(in: 0...15, using: &generator)])
            segment.payload = Array("Grüße\t\r\n\u{0}".utf8.prefix(.random(in: 0...11, using: &generator)))
            segment.truncatedLength = generator.one(of: [nil, .random(in: 0...70, using: &generator)])
            segment.checksum = generator.one(of: [.correct, .incorrect, segment.checksum])
        }
        return TCPDatagram(ip: header, segment: segment)
    }
}

extension [UInt8] {
    /// Options in form and out of it, behind each other.
    fileprivate static func randomOptions(using generator: inout SeededGenerator) -> [UInt8] {
        var octets: [UInt8] = []
        let pieces: [[UInt8]] = [
            [1], [0], [2, 4, 5, 180], [2, 3, 9], [3, 3, 7], [4, 2], [4, 3, 1], [5, 10, 0, 0, 0, 1, 0, 0, 0, 2],
            [8, 10, 0, 0, 0, 1, 0, 0, 0, 2], [8, 1], [19, 18] + generator.octets(count: 16), [29, 6, 1, 2, 3, 4],
            [30, 4, 0x10, 1], [34, 6, 1, 2, 3, 4], [34, 2], [254, 6, 0xf0, 0x0d, 0xca, 0xfe], [253, 255], [77],
        ]
        while octets.count < 40, Int.random(in: 0..<5, using: &generator) > 0 {
            octets += generator.one(of: pieces)
        }
        octets = Array(octets.prefix(40))
        return octets + Array(repeating: 0, count: (4 - octets.count % 4) % 4)
    }
}

extension EndpointDefinition {
    static func random(using generator: inout SeededGenerator) -> EndpointDefinition {
        var definition = EndpointDefinition(preset: generator.one(of: EndpointRole.allCases))
        definition.id = "e"
        definition.domain = generator.one(of: SocketDomain.allCases)
        definition.local = .random(using: &generator)
        definition.remote = .random(using: &generator)
        if definition.role == .server, Bool.random(using: &generator) { definition.remote = nil }
        definition.trigger = generator.one(of: EpollTrigger.allCases)
        definition.socket = generator.one(of: SocketKind.allCases)
        definition.namespace = generator.one(of: [nil, nil, "left", "a-b_c.9"])
        definition.filter = .random(using: &generator)
        definition.guardChoice = generator.one(of: [.automatic] + KernelGuard.allCases.map(GuardChoice.exactly))
        if Bool.random(using: &generator) {
            definition.opening = (0..<generator.one(of: [0, 1, 3])).map { _ in .random(answers: false, &generator) }
        }
        if Bool.random(using: &generator) {
            definition.rules = (0..<generator.one(of: [0, 1, 4])).map { _ in .random(using: &generator) }
        }
        definition.labels = (0..<generator.one(of: [0, 1, 3])).map { index in
            Label(name: "\(index)/~\"", value: generator.one(of: ["", "b", "ü\n"]))
        }
        return definition
    }
}

extension TransportAddress {
    fileprivate static func random(using generator: inout SeededGenerator) -> TransportAddress {
        TransportAddress(
            address: IPv4Address(rawValue: .random(in: 0...UInt32.max, using: &generator)),
            port: .random(in: 1...65535, using: &generator))
    }
}

extension CaptureFilter? {
    fileprivate static func random(using generator: inout SeededGenerator) -> CaptureFilter? {
        generator.one(of: [nil, nil, "src port 5", "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0 and len < 99"])
            .flatMap { text in try? CaptureFilter(text) }
    }
}

extension Rule {
    fileprivate static func random(using generator: inout SeededGenerator) -> Rule {
        var match = SegmentMatch()
        match.flags = TCPFlags(rawValue: generator.one(of: [0, 0, 18, 255]))
        match.withoutFlags = TCPFlags(rawValue: generator.one(of: [0, 0, 4]))
        match.payloadLength = generator.one(of: [SegmentMatch.anyLength, 0...0, 7...7, 1...Int.max, 0...5, 2...65_495])
        match.payloadContains = generator.one(of: [[], Array("GET".utf8), [0, 255]])
        match.filter = .random(using: &generator)
        return Rule(
            name: generator.one(of: [nil, "", "a rule"]), match: match,
            reply: (0..<generator.one(of: [0, 1, 3])).map { _ in .random(answers: true, &generator) },
            paceNanoseconds: generator.one(of: [0, 1, 999, 1000, 2_500_000, 60_000_000_000, 90_000_000_001]),
            limit: generator.one(of: [nil, 0, 7]))
    }
}

extension SegmentTemplate {
    fileprivate static func random(answers: Bool, _ generator: inout SeededGenerator) -> SegmentTemplate {
        var template = SegmentTemplate()
        template.sourcePort = generator.one(of: [nil, 0, 65535])
        template.destinationPort = generator.one(of: [nil, 0, 1])
        template.sequenceNumber = .random(answers: answers, &generator)
        template.acknowledgmentNumber = .random(answers: answers, &generator)
        template.dataOffset = generator.one(of: [nil, 0, 5, 15])
        template.reservedBits = generator.one(of: [0, 15])
        template.flags = TCPFlags(rawValue: .random(in: 0...255, using: &generator))
        template.window = generator.one(of: [0, 200, 64_240, 65_535])
        template.checksum = generator.one(of: [.correct, .incorrect, .given(0), .given(65_535)])
        template.urgentPointer = generator.one(of: [0, 9])
        template.options = .randomOptions(using: &generator)
        if Bool.random(using: &generator) {
            template.options = [1, 1, 19, 18] + [UInt8](repeating: 0, count: 16)
            template.signatureKey = SignatureKey(octets: generator.one(of: [[7], Array("kü\"".utf8)]), offset: 4)
        }
        template.payload = generator.one(of: [[], Array("Hello\t\"ü\"".utf8), [0], generator.octets(count: 20)])
        template.truncatedLength = generator.one(of: [nil, 0, 17, 65_515])
        template.ip.source = generator.one(of: [nil, .loopback])
        template.ip.destination = generator.one(of: [nil, .any, .loopback])
        template.ip.timeToLive = generator.one(of: [0, 64, 255])
        template.ip.dscp = generator.one(of: [0, 63])
        template.ip.ecn = generator.one(of: [0, 3])
        template.ip.identification = generator.one(of: [nil, 1, 65_535])
        template.ip.reservedFlag = .random(using: &generator)
        template.ip.dontFragment = .random(using: &generator)
        template.ip.moreFragments = .random(using: &generator)
        template.ip.fragmentOffset = generator.one(of: [0, 8191])
        template.ip.options = generator.octets(count: generator.one(of: [0, 4, 40]))
        return template
    }
}

extension NumberSource {
    fileprivate static func random(answers: Bool, _ generator: inout SeededGenerator) -> NumberSource {
        let number = generator.one(of: [0, 1, 0x7fff_ffff, 0x8000_0000, .max] as [UInt32])
        guard answers, Bool.random(using: &generator) else { return .value(number) }
        return .received(generator.one(of: ReceivedNumber.allCases), plus: number)
    }
}

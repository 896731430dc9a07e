import Foundation
import HTTPMessage
import JSONText
import LinuxSystem
import TCPWire
import Testing

@testable import ControlAPI
@testable import SegmentEngine

/// The encoder of segments, which reads datagrams in place and writes straight into its buffer, beside one that makes
/// values of everything first, and beside Foundation.
@Suite struct SegmentEncoderTests {
    private static let kinds: [CaptureRecord.Kind] = [.received, .sent, .error]

    @Test(arguments: UInt64(0)..<40)
    func bothEncodersWriteTheSame(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bench = try Bench { configuration in
            configuration.ringSegments = 100
            configuration.ringOctets = 1 << 20
        }
        bench.publish(EndpointDefinition(preset: .server))
        bench.publish(EndpointDefinition(preset: .client))
        var expected: [JSONValue] = []
        for _ in 0..<25 {
            let octets = Self.datagram(using: &generator)
            let kind = generator.one(of: Self.kinds)
            let endpoint = UInt32.random(in: 1...3, using: &generator)
            let report = kind == .error ? Self.report(using: &generator) : nil
            let number = bench.capture(octets, kind, endpoint: endpoint, report: report)
            expected.append(
                Self.value(
                    of: octets, number: number, kind, endpoint: [1: "server", 2: "client"][endpoint], report))
        }
        let response = try bench.answer("GET", "/segments?direction=any&limit=100")
        guard case .array(let shown)? = response.json?["segments"] else {
            Issue.record("\(response.text)")
            return
        }
        for (value, reference) in zip(shown, expected) { #expect(value == reference) }
        #expect(shown.count == expected.count)
        // What one encoder escapes wrongly, a reader of our own might take back; Foundation would not.
        let foreign = try #require(JSONSerialization.jsonObject(with: Data(response.body)) as? NSDictionary)
        let own = try #require(
            JSONSerialization.jsonObject(with: Data(JSONValue.array(expected).octets)) as? NSArray)
        #expect(foreign["segments"] as? NSArray == own)
    }

    @Test func flagsAreNamedAsElsewhere() {
        #expect(JSONWriter.flags.map { "\($0.name)" } == TCPFlags.names)
        for (flag, name) in JSONWriter.flags { #expect(TCPFlags(name: "\(name)") == flag) }
    }

    // MARK: Segments of any kind

    private static func datagram(using generator: inout SeededGenerator) -> [UInt8] {
        var segment = TCPSegment(
            sourcePort: .random(in: 0...(.max), using: &generator),
            destinationPort: .random(in: 0...(.max), using: &generator),
            sequenceNumber: SequenceNumber(rawValue: .random(in: 0...(.max), using: &generator)))
        segment.acknowledgmentNumber = SequenceNumber(rawValue: .random(in: 0...(.max), using: &generator))
        segment.reservedBits = .random(in: 0...15, using: &generator)
        segment.flags = TCPFlags(rawValue: .random(in: 0...(.max), using: &generator))
        segment.window = .random(in: 0...(.max), using: &generator)
        segment.urgentPointer = .random(in: 0...(.max), using: &generator)
        segment.checksum = generator.one(of: [.correct, .correct, .incorrect, .given(0)])
        segment.payload = payload(using: &generator)
        if Bool.random(using: &generator) {
            segment.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        }
        if Int.random(in: 0..<8, using: &generator) == 0 {
            segment.dataOffset = .random(in: 0...15, using: &generator)
        }
        if Int.random(in: 0..<6, using: &generator) == 0 {
            segment.truncatedLength = .random(in: 0...24, using: &generator)
        }
        var header = IPv4Header(
            source: IPv4Address(rawValue: .random(in: 0...(.max), using: &generator)),
            destination: IPv4Address(rawValue: .random(in: 0...(.max), using: &generator)))
        if Bool.random(using: &generator) {
            header.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        }
        guard var octets = try? TCPDatagram(ip: header, segment: segment).encoded() else { return [] }
        if !octets.isEmpty, Int.random(in: 0..<4, using: &generator) == 0 {
            octets[Int.random(in: octets.indices, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        }
        if Int.random(in: 0..<8, using: &generator) == 0 {
            octets = Array(octets.prefix(Int.random(in: 0...octets.count, using: &generator)))
        }
        return octets
    }

    private static func payload(using generator: inout SeededGenerator) -> [UInt8] {
        let texts = ["", "Hello \"server\"\\\n", "ü\t😀/", "e\u{301}\r", "\u{7f}", "\u{200d}", "plain", "\u{0}"]
        return switch Int.random(in: 0..<3, using: &generator) {
        case 0: generator.octets(count: Int.random(in: 0..<50, using: &generator))
        case 1: generator.octets(count: Int.random(in: 0..<50, using: &generator)).map { 0x20 + $0 % 0x5f }
        default: Array((0..<3).map { _ in generator.one(of: texts) }.joined().utf8)
        }
    }

    private static func report(using generator: inout SeededGenerator) -> CaptureRecord.NetworkReport {
        CaptureRecord.NetworkReport(
            type: 3, code: .random(in: 0...15, using: &generator),
            offender: Bool.random(using: &generator) ? 0 : .random(in: 1...(.max), using: &generator),
            mtu: Bool.random(using: &generator) ? 0 : 1280, errno: generator.one(of: [90, 111, 113]))
    }

    // MARK: The encoder that makes values

    private static func value(
        of octets: [UInt8], number: UInt64, _ kind: CaptureRecord.Kind, endpoint: String?,
        _ report: CaptureRecord.NetworkReport?
    ) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("id", .number(JSONNumber(number))), ("endpoint", endpoint.map(JSONValue.string) ?? .null),
            ("direction", .string("\(kind)")), ("timestamp", .string("2026-11-22T16:45:01.123456789Z")),
        ]
        if let report {
            var error: [(String, JSONValue)] = [
                ("icmpType", .number(JSONNumber(report.type))), ("icmpCode", .number(JSONNumber(report.code))),
                (
                    "offender",
                    report.offender == 0 ? .null : .string(IPv4Address(rawValue: report.offender).description)
                ),
                ("errno", .string(Errno(rawValue: report.errno).name)),
            ]
            if report.mtu != 0 { error.append(("mtu", .number(JSONNumber(report.mtu)))) }
            members.append(("error", .object(JSONObject(error))))
        }
        if let header = try? IPv4HeaderView(octets.span) {
            members.append(("ip", .object(value(of: header))))
            members += value(
                of: TCPSegment(copying: header.payload),
                ChecksumVerdict(of: header.payload, from: header.source, to: header.destination))
        }
        members.append(
            ("malformed", .array(Malformation.reasons(in: octets.span).map { .string($0.rawValue) })))
        return .object(JSONObject(members))
    }

    private static func value(of header: IPv4HeaderView) -> JSONObject {
        var members: [(String, JSONValue)] = [
            ("source", .string(header.source.description)), ("destination", .string(header.destination.description)),
            ("timeToLive", .number(JSONNumber(header.timeToLive))), ("dscp", .number(JSONNumber(header.dscp))),
            ("ecn", .number(JSONNumber(header.ecn))), ("identification", .number(JSONNumber(header.identification))),
        ]
        if header.reservedFlag { members.append(("reservedFlag", .bool(true))) }
        let options = header.options
        let digits = options.isEmpty ? JSONValue.null : .string(Hexadecimal.text(options))
        members += [
            ("dontFragment", .bool(header.dontFragment)), ("moreFragments", .bool(header.moreFragments)),
            ("fragmentOffset", .number(JSONNumber(header.fragmentOffset))), ("options", digits),
            ("headerLength", .number(JSONNumber(header.headerLength))),
            ("totalLength", .number(JSONNumber(header.totalLength))),
        ]
        return JSONObject(members)
    }

    private static func value(of segment: TCPSegment, _ verdict: ChecksumVerdict?) -> [(String, JSONValue)] {
        var checksum = JSONValue.null
        if case .given(let value) = segment.checksum, segment.encodedLength > 16 {
            checksum = .object(
                JSONObject([
                    ("value", .number(JSONNumber(value))),
                    ("status", verdict.map { .string($0.status.rawValue) } ?? .null),
                    ("expected", verdict.map { .number(JSONNumber($0.expected)) } ?? .null),
                ]))
        }
        var options = JSONWriter()
        OptionJSON.write(segment.options.span, to: &options)
        var payload: [(String, JSONValue)] = [("length", .number(JSONNumber(segment.payload.count)))]
        if let text = PrintableText.of(segment.payload) { payload.append(("text", .string(text))) }
        payload.append(("base64", .string(Data(segment.payload).base64EncodedString())))
        var members: [(String, JSONValue)] = [
            ("sourcePort", .number(JSONNumber(segment.sourcePort))),
            ("destinationPort", .number(JSONNumber(segment.destinationPort))),
            ("sequenceNumber", .number(JSONNumber(segment.sequenceNumber.rawValue))),
            ("acknowledgmentNumber", .number(JSONNumber(segment.acknowledgmentNumber.rawValue))),
            ("dataOffset", .number(JSONNumber(segment.dataOffset ?? UInt8(5 + segment.options.count / 4)))),
            ("reservedBits", .number(JSONNumber(segment.reservedBits))),
            ("flags", .array(segment.flags.names.map(JSONValue.string))),
            ("window", .number(JSONNumber(segment.window))),
            ("urgentPointer", .number(JSONNumber(segment.urgentPointer))), ("checksum", checksum),
            ("options", (try? JSONParser.parse(options.octets)) ?? .null), ("payload", .object(JSONObject(payload))),
        ]
        if let length = segment.truncatedLength { members.append(("truncate", .number(JSONNumber(length)))) }
        return members
    }
}

import CaptureFile
import CaptureFilter
import JSONText
import TCPWire

@testable import ControlAPI
@testable import SegmentEngine

/// All that a received datagram passes through but the kernel.
///
/// It is read, kept, matched, answered, compared, and shown as JSON and in a capture file. What must hold of any datagram
/// is asserted.
final class DatagramSubject {
    private let local = TransportAddress(address: .loopback, port: 50_000)
    private let rules: [SegmentMatch]
    private let replies: [PreparedSegment]
    private let expectations: [SegmentExpectation]
    private let budgets = AnswerBudgets(perSegment: 9)
    private let captures = CaptureLog(capacity: 64, octetCapacity: 1 << 18)
    private let directory = EndpointDirectory()
    private var now: UInt64 = 0

    init() {
        var flags = SegmentMatch()
        flags.flags = [.syn]
        flags.withoutFlags = [.rst]
        var payload = SegmentMatch()
        payload.payloadContains = [0x48, 0x65]
        payload.payloadLength = 1...100
        var filter = SegmentMatch()
        filter.filter = try? CaptureFilter("tcp[tcpflags] & tcp-syn != 0 and greater 50 or tcp[20:4] = 1")
        precondition(filter.filter != nil, "the filter is a right one")
        rules = [flags, payload, filter]

        var plain = SegmentTemplate()
        plain.payload = [1, 2, 3]
        var numbered = SegmentTemplate()
        numbered.sequenceNumber = .received(.acknowledgmentNumber, plus: 0)
        numbered.acknowledgmentNumber = .received(.end, plus: 1)
        numbered.options = [2, 4, 5, 180]
        numbered.ip.dontFragment = false
        let local = local
        replies = [plain, numbered].compactMap { try? PreparedSegment($0, local: local, remote: nil) }
        precondition(replies.count == 2, "both replies can be encoded")

        var all = SegmentExpectation()
        all.flags = [.ack]
        all.withoutFlags = [.fin]
        all.numbers = ExpectedField.allCases.map { .init($0, .range(from: 1, to: 7)) }
        all.checksum = .correct
        all.payload = .contains([0x48])
        var exact = SegmentExpectation()
        exact.numbers = ExpectedField.allCases.map { .init($0, .bits(mask: 0x55, value: 0x11)) }
        exact.payload = .exactly([1, 2, 3])
        exact.checksum = .incorrect
        expectations = [all, exact]
    }

    func take(_ octets: [UInt8]) {
        guard octets.count <= 65_535 else { return }
        now &+= 1
        let checksum = read(octets)
        keep(octets, checksum)
        answer(octets)
        compare(octets)
        show(octets)
    }

    /// As the engine's receiving does; what is read again must be what came.
    private func read(_ octets: [UInt8]) -> ChecksumStatus? {
        let span = octets.span
        let summary = DatagramSummary(of: span)
        let addressee = Addressee(summary)
        let malformed = Malformation.set(in: span)
        let reasons = Malformation.reasons(in: span)
        precondition(reasons.isEmpty == (malformed == .none), "reasons and set agree")
        guard let header = try? IPv4HeaderView(span) else {
            precondition(!addressee.isSegment && !reasons.isEmpty, "without a header nobody is addressed")
            return nil
        }
        let segment = header.payload
        precondition(summary.malformed == malformed, "what is wrong is told once")
        precondition(Int(summary.headerLength) == header.headerLength || !addressee.isSegment, "one header length")
        precondition(segment.count <= octets.count - header.headerLength, "a payload within the octets")
        let verdict = ChecksumVerdict(of: segment, from: header.source, to: header.destination)
        let copy = TCPSegment(copying: segment)
        let again = try? TCPDatagram(
            ip: IPv4Header(source: header.source, destination: header.destination), segment: copy
        ).encoded()
        precondition(again.map { [UInt8]($0[20...]) } == [UInt8](copying: segment), "encoding undoes decoding")
        _ = TCPOption.parse(copy.options.span)
        if let view = try? TCPSegmentView(segment) {
            let isValid = view.hasValidChecksum(from: header.source, to: header.destination)
            precondition(isValid == (verdict?.status == .valid), "two checks of one checksum")
        }
        return verdict?.status
    }

    private func keep(_ octets: [UInt8], _ checksum: ChecksumStatus?) {
        let record = CaptureRecord(
            kind: .received, endpoint: 1, slot: 0, socket: 1, timestampNanoseconds: Int64(now), checksum: checksum,
            malformed: Malformation.set(in: octets.span))
        let number = captures.write { ring in ring.append(record, octets.span) }
        var copy: [UInt8] = []
        precondition(captures.copyDatagram(number, to: &copy) != nil && copy == octets, "what is kept is what came")
    }

    /// Every answer is a segment with right checksums, whatever it answers.
    private func answer(_ octets: [UInt8]) {
        guard let header = try? IPv4HeaderView(octets.span) else { return }
        let segment = header.payload
        guard segment.count >= TCPSegmentView.minimumHeaderLength else { return }
        let payload = SegmentEngine.payload(of: segment)
        let flags = TCPFlags(rawValue: segment[13])
        for rule in rules { _ = rule.holds(flags: flags, payload: payload, datagram: octets.span) }
        var occasion = PreparedSegment.Occasion(
            source: local,
            destination: TransportAddress(address: header.source, port: segment.bigEndianUInt16(at: 0)))
        occasion.received = SegmentEngine.numbers(of: segment, payloadLength: payload.count)
        occasion.budget = budgets?.take(octets.span, at: now) ?? 0
        for reply in replies {
            var answer = [UInt8](repeating: 0, count: reply.length)
            var output = answer.mutableSpan
            reply.write(into: &output, on: occasion, identification: 7)
            budgets?.note(answer.span, budget: occasion.budget, at: now)
            guard let back = try? IPv4HeaderView(answer.span), let segment = try? TCPSegmentView(back.payload) else {
                preconditionFailure("an answer is a segment")
            }
            let isRight = back.hasValidChecksum && segment.hasValidChecksum(from: back.source, to: back.destination)
            precondition(isRight && Malformation.set(in: answer.span) == .none, "an answer is right")
            precondition(back.destination == header.source, "an answer goes back")
        }
    }

    /// What holds has no differences, and what does not has some.
    private func compare(_ octets: [UInt8]) {
        for expectation in expectations {
            let holds = expectation.holds(for: octets.span)
            precondition(holds == expectation.differences(from: octets.span).isEmpty, "differences are why")
        }
    }

    /// Both forms can be read again by what reads them.
    private func show(_ octets: [UInt8]) {
        var json = JSONWriter(reservingCapacity: SegmentJSON.usualLength)
        json.beginObject()
        SegmentJSON.writeContent(of: octets.span, to: &json)
        json.member("octets", hexadecimal: octets.span)
        FieldMap(of: octets.span).write(to: &json)
        json.endObject()
        precondition((try? JSONParser.parse(json.octets)) != nil, "what is written is JSON")

        var file = CaptureFileWriter.beginning(application: "", interfaces: [.init(name: "e", description: "")])
        CaptureFileWriter.append(octets.span, .init(timestampNanoseconds: Int64(now)), to: &file)
        let packets = try? CaptureFileReader.packets(in: file, atMost: 2)
        precondition(packets?.count == 1, "a capture file of one")
        precondition(packets?.first.map { [UInt8](file[$0.octets]) } == octets, "a capture file has what came")
        // Whatever came may be taken for a capture file, too.
        _ = try? CaptureFileReader.packets(in: octets, atMost: 1000)
    }
}

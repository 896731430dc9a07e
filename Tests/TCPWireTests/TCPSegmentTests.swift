import TCPWire
import Testing

@Suite struct TCPSegmentTests {
    private let source = IPv4Address(rawValue: 0xc000_0201)
    private let destination = IPv4Address(rawValue: 0xc000_0202)

    // 192.0.2.1.12345 > 192.0.2.2.80: Flags [S], seq 0, win 65535, options [mss 1460], length 0
    private let synOctets = octets("3039 0050 00000000 00000000 6002 ffff e399 0000 020405b4")

    private var syn: TCPSegment {
        var segment = TCPSegment(sourcePort: 12345, destinationPort: 80)
        segment.flags = .syn
        segment.options = [2, 4, 0x05, 0xb4]
        return segment
    }

    @Test func encodesEveryFieldInItsPlace() throws {
        #expect(try syn.encoded(from: source, to: destination) == synOctets)

        var segment = TCPSegment(
            sourcePort: 0x0102, destinationPort: 0x0304, sequenceNumber: SequenceNumber(rawValue: 0x0506_0708))
        segment.acknowledgmentNumber = SequenceNumber(rawValue: 0x090a_0b0c)
        segment.dataOffset = 14
        segment.reservedBits = 0x0d
        segment.flags = [.rst, .psh, .syn]
        segment.window = 0x0f10
        segment.checksum = .given(0x1112)
        segment.urgentPointer = 0x1314
        segment.options = octets("15161718")
        segment.payload = octets("191a1b")
        let expected = octets("0102 0304 05060708 090a0b0c ed0e 0f10 1112 1314 15161718 191a1b")
        #expect(try segment.encoded(from: source, to: destination) == expected)
        #expect(segment.encodedLength == expected.count)
    }

    @Test(arguments: UInt64(0)..<300)
    func decodingUndoesEncoding(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let segment = TCPSegment.random(using: &generator)
        let encoded = try segment.encoded(from: source, to: destination)

        // `#expect` cannot call a view's methods, so ask first.
        let view = try TCPSegmentView(encoded.span)
        let isValid = view.hasValidChecksum(from: source, to: destination)
        let copy = TCPSegment(copying: view)

        var expected = segment
        if segment.checksum == .correct { expected.checksum = .given(view.checksum) }
        #expect(copy == expected)
        #expect(isValid || segment.checksum != .correct)
    }

    @Test(arguments: 0...60)
    func encodingUndoesDecodingOfAnyOctets(length: Int) throws {
        var generator = SeededGenerator(seed: UInt64(length))
        for _ in 0..<300 {
            let arrived = generator.octets(count: length)
            let copy = TCPSegment(copying: arrived.span)
            #expect(try copy.encoded(from: source, to: destination) == arrived)
            #expect(copy.encodedLength == length)
        }
    }

    @Test(arguments: 0..<20)
    func readsMissingOctetsOfTheHeaderAsZero(length: Int) {
        let copy = TCPSegment(copying: synOctets.span.extracting(first: length))
        let extended = Array(synOctets.prefix(length)) + [UInt8](repeating: 0, count: 20 - length)
        var expected = TCPSegment(copying: extended.span)
        expected.dataOffset = length > 12 ? 6 : 0
        expected.truncatedLength = length
        #expect(copy == expected)
    }

    @Test(arguments: [0, 1, 4, 7, 15] as [UInt8])
    func keepsADataOffsetThatLies(dataOffset: UInt8) {
        var arrived = synOctets
        arrived[12] = dataOffset << 4
        let copy = TCPSegment(copying: arrived.span)
        #expect(copy.dataOffset == dataOffset)
        #expect(copy.options.isEmpty)
        #expect(copy.payload == octets("020405b4"))
    }

    /// What leaves is right by itself: checksum and pseudo-header length are those of the rest.
    @Test(arguments: 0...40)
    func sumsWhatLeaves(length: Int) throws {
        var segment = syn
        segment.payload = Array("Hello server".utf8)
        segment.truncatedLength = length
        let encoded = try segment.encoded(from: source, to: destination)
        #expect(encoded.count == min(length, 36))
        #expect(encoded.count == segment.encodedLength)
        if length >= 18 {
            #expect(ChecksumVerdict(of: encoded.span, from: source, to: destination)?.status == .valid)
        } else {
            #expect(encoded.dropFirst(16).allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: UInt64(0)..<1000)
    func sendsAnIncorrectChecksumThatNobodyTakesForAnother(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var segment = TCPSegment.random(using: &generator)
        segment.checksum = .incorrect
        let encoded = try segment.encoded(from: source, to: destination)
        #expect(ChecksumVerdict(of: encoded.span, from: source, to: destination)?.status == .incorrect)
    }

    /// The window takes the right checksum through every value, the two zeros included.
    @Test func sendsAnIncorrectChecksumWhateverTheRightOneIs() throws {
        var segment = syn
        segment.checksum = .incorrect
        for window in UInt16.min...UInt16.max {
            segment.window = window
            let encoded = try segment.encoded(from: source, to: destination)
            let verdict = ChecksumVerdict(of: encoded.span, from: source, to: destination)
            if verdict?.status != .incorrect { Issue.record("window \(window): \(String(describing: verdict))") }
        }
    }

    @Test func refusesWhatNoSegmentHolds() {
        func expect(_ error: WireError, _ change: (inout TCPSegment) -> Void) {
            var segment = syn
            change(&segment)
            #expect(throws: error) { _ = try segment.encoded(from: source, to: destination) }
        }
        expect(.badOptionsLength(3)) { $0.options = [1, 1, 1] }
        expect(.badOptionsLength(44)) { $0.options = [UInt8](repeating: 1, count: 44) }
        expect(.segmentTooLong(65516)) { $0.payload = [UInt8](repeating: 0, count: 65492) }
        expect(.fieldOutOfRange(field: "dataOffset", value: 16, maximum: 15)) { $0.dataOffset = 16 }
        expect(.fieldOutOfRange(field: "reservedBits", value: 16, maximum: 15)) { $0.reservedBits = 16 }
        expect(.fieldOutOfRange(field: "truncatedLength", value: -1, maximum: 65515)) { $0.truncatedLength = -1 }
    }

    @Test func encodesTheLongestSegment() throws {
        var segment = syn
        segment.payload = [UInt8](repeating: 0xa5, count: 65491)
        let encoded = try segment.encoded(from: source, to: destination)
        #expect(encoded.count == TCPSegment.maximumLength)
        #expect(ChecksumVerdict(of: encoded.span, from: source, to: destination)?.status == .valid)
    }

    @Test func encodesBehindWhatIsThereOrNotAtAll() throws {
        let behind = try [UInt8](capacity: 26) { output throws(WireError) in
            output.append(bigEndian: 0xabcd as UInt16)
            try syn.encode(into: &output, from: source, to: destination)
        }
        #expect(behind == [0xab, 0xcd] + synOctets)

        let tooSmall = [UInt8](capacity: 25) { output in
            output.append(repeating: 0, count: output.freeCapacity - 23)
            let count = output.count
            do throws(WireError) {
                try syn.encode(into: &output, from: source, to: destination)
                Issue.record("there was no room")
            } catch {
                #expect(error == .outputFull(needed: 24, available: 23))
            }
            let newCount = output.count
            #expect(newCount == count)
        }
        #expect(tooSmall.allSatisfy { $0 == 0 })
    }
}

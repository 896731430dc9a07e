import TCPWire
import Testing

@Suite struct TCPDatagramTests {
    /// A segment with options that a kernel sent from 192.0.2.1 to 192.0.2.2.
    private let sample = octets(
        """
        4500 003c 0cd4 4000 4006 a9e4 c000 0201 c000 0202 c351 c350 eac6 f099 0000 0000
        a002 faf0 59db 0000 0204 05b4 0402 080a 2685 e6a4 0000 0000 0103 030a
        """)

    /// What a datagram holds once the octets after its total length are gone.
    private func withoutPadding(_ octets: [UInt8]) -> [UInt8] {
        let headerLength = Int(octets[0] & 0x0f) * 4
        let totalLength = Int(octets[2]) << 8 | Int(octets[3])
        return Array(octets.prefix(max(headerLength, totalLength)))
    }

    /// Asks everything that reads from the wire, and encodes the copy.
    private func checkReading(_ arrived: [UInt8]) {
        let malformations = Malformation.set(in: arrived.span)
        #expect(Malformation.reasons(in: arrived.span) == malformations.reasons)
        guard let copy = try? TCPDatagram(copying: arrived.span), let view = try? IPv4HeaderView(arrived.span) else {
            #expect(!malformations.isEmpty)
            return
        }
        let encoded = try? copy.encoded()
        if encoded != withoutPadding(arrived) { Issue.record("\(arrived) came back as \(encoded ?? [])") }
        if malformations.isEmpty, (try? TCPSegmentView(view.payload)) == nil {
            Issue.record("no malformation was found in \(arrived)")
        }
        _ = view.hasValidChecksum
        _ = ChecksumVerdict(of: view.payload, from: view.source, to: view.destination)
        let (options, _) = TCPOption.parse(copy.segment.options.span)
        #expect((try? TCPOption.encode(options)) == copy.segment.options)
    }

    @Test(arguments: UInt64(0)..<300)
    func decodingUndoesEncoding(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let datagram = TCPDatagram(ip: .random(using: &generator), segment: .random(using: &generator))
        let encoded = try datagram.encoded()
        #expect(encoded.count == datagram.encodedLength)

        let copy = try TCPDatagram(copying: encoded.span)
        var expected = datagram
        expected.ip.totalLength = UInt16(encoded.count)
        expected.ip.checksum = datagram.ip.checksum ?? copy.ip.checksum
        if datagram.segment.checksum == .correct { expected.segment.checksum = copy.segment.checksum }
        #expect(copy == expected)

        let view = try IPv4HeaderView(encoded.span)
        let hasValidChecksum = view.hasValidChecksum
        #expect(hasValidChecksum || datagram.ip.checksum != nil)
        let verdict = ChecksumVerdict(of: view.payload, from: view.source, to: view.destination)
        #expect(verdict?.status == .valid || datagram.segment.checksum != .correct)
    }

    @Test func encodesWhatAKernelSent() throws {
        var datagram = try TCPDatagram(copying: sample.span)
        #expect(try datagram.encoded() == sample)

        datagram.ip.totalLength = nil
        datagram.ip.checksum = nil
        datagram.segment.checksum = .correct
        #expect(try datagram.encoded() == sample)
    }

    @Test func dropsWhatFollowsTheTotalLength() throws {
        let padded = sample + [0, 0, 0, 0]
        #expect(try TCPDatagram(copying: padded.span).encoded() == sample)
        #expect(Malformation.reasons(in: padded.span) == [.totalLengthMismatch])
    }

    /// Flips every bit of a datagram with options and cuts it at every length: reads or throws, never traps.
    @Test func readsNoOctetItWasNotGiven() {
        for bit in 0..<(sample.count * 8) {
            var damaged = sample
            damaged[bit / 8] ^= 1 << (bit % 8)
            for length in 0...damaged.count {
                checkReading(Array(damaged.prefix(length)))
            }
        }
    }

    @Test(arguments: UInt64(0)..<100)
    func readsAnyGarbage(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<1000 {
            var garbage = generator.octets(count: Int.random(in: 0...120, using: &generator))
            // Every second one gets as far as the TCP header.
            if garbage.count > 20, Bool.random(using: &generator) {
                garbage[0] = 0x40 | UInt8.random(in: 5...7, using: &generator)
                garbage[2] = 0
                garbage[3] = UInt8(garbage.count) &+ UInt8.random(in: 0...2, using: &generator) &- 1
                garbage[6] &= 0xe0
                garbage[7] = 0
                garbage[9] = 6
            }
            checkReading(garbage)
        }
    }

    /// Shapes that raw sockets were seen to deliver.
    @Test(arguments: [
        "4500 0014 0000 4000 4006 0000 7f000001 7f000001",
        "4500 001e 0000 4000 4006 0000 7f000001 7f000001 c351c350000000000000",
        "4500 0020 0000 4000 4006 0000 7f000001 7f000001 c351c3500000000000000000",
        "4600 0020 0000 4000 0006 0000 7f000001 7f000001 94040000 c351c35000000000",
        "4500 0029 0000 4000 4006 0000 7f000001 7f000001 c351c350 00000000 00000000 4002 00c8 0000 0000 ff",
        "4500 0029 0000 4000 4006 0000 7f000001 7f000001 c351c350 00000000 00000000 f002 00c8 0000 0000 ff",
    ])
    func givesBackShortAndLyingSegments(hex: String) {
        checkReading(octets(hex))
    }

    @Test func encodesTheLongestDatagram() throws {
        var segment = TCPSegment(sourcePort: 1, destinationPort: 2)
        segment.payload = [UInt8](repeating: 0xa5, count: 65495)
        var datagram = TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment)
        let encoded = try datagram.encoded()
        #expect(encoded.count == TCPDatagram.maximumLength)
        #expect(Malformation.set(in: encoded.span).isEmpty)
        #expect(try TCPDatagram(copying: encoded.span).encoded() == encoded)

        datagram.ip.options = [1, 1, 1, 1]
        #expect(throws: WireError.datagramTooLong(65539)) { _ = try datagram.encoded() }
    }

    @Test func encodesBehindWhatIsThereOrNotAtAll() throws {
        let datagram = try TCPDatagram(copying: sample.span)
        let behind = try [UInt8](capacity: 2 + sample.count) { output throws(WireError) in
            output.append(bigEndian: 0xabcd as UInt16)
            try datagram.encode(into: &output)
        }
        #expect(behind == [0xab, 0xcd] + sample)

        let tooSmall = [UInt8](capacity: 64) { output in
            output.append(repeating: 0, count: output.freeCapacity - 59)
            do throws(WireError) {
                try datagram.encode(into: &output)
                Issue.record("there was no room")
            } catch {
                #expect(error == .outputFull(needed: 60, available: 59))
            }
        }
        #expect(tooSmall.allSatisfy { $0 == 0 })
    }
}

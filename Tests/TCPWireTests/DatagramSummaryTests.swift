import TCPWire
import Testing

@Suite struct DatagramSummaryTests {
    /// A SYN with three octets of payload and a right checksum, as another program makes it.
    private static let whole =
        "4500 002b 0000 4000 4006 3ccb 7f000001 7f000002 c351 1f90 00000001 00000000 5002 00c8 09cf 0000 616263"

    @Test func tellsOfAWholeSegment() {
        let summary = DatagramSummary(of: octets(Self.whole).span)
        #expect(summary.source == IPv4Address("127.0.0.1"))
        #expect(summary.destination == IPv4Address("127.0.0.2"))
        #expect(summary.sourcePort == 50_001)
        #expect(summary.destinationPort == 8080)
        #expect(summary.length == 43)
        #expect(summary.headerLength == 20)
        #expect(summary.segmentLength == 23)
        #expect(summary.flags == .syn)
        #expect(summary.checksum == .valid)
        #expect(summary.malformed == .none)
    }

    @Test func looksBehindTheOptionsOfTheHeader() {
        let options = "4700 0033 0000 4000 4006 0000 7f000001 7f000002 01010101 01010100"
        let summary = DatagramSummary(of: octets(options + String(Self.whole.dropFirst(48))).span)
        #expect(summary.headerLength == 28)
        #expect(summary.segmentLength == 23)
        #expect(summary.sourcePort == 50_001)
        #expect(summary.destinationPort == 8080)
        #expect(summary.flags == .syn)
        #expect(summary.checksum == .valid)
        #expect(summary.malformed == .none)
    }

    /// Ports end at the 24th octet, flags at the 34th, the checksum at the 38th.
    @Test(arguments: 0...43)
    func tellsOfWhatIsThereAndOfNothingElse(length: Int) {
        let datagram = Array(octets(Self.whole).prefix(length))
        let summary = DatagramSummary(of: datagram.span)
        #expect(Int(summary.length) == length)
        #expect(summary.headerLength == (length >= 24 ? 20 : 0))
        #expect(summary.source == (length >= 24 ? .loopback : .any))
        #expect(summary.destinationPort == (length >= 24 ? 8080 : 0))
        #expect(Int(summary.segmentLength) == (length >= 24 ? length - 20 : 0))
        #expect(summary.flags == (length >= 34 ? .syn : TCPFlags(rawValue: 0)))
        #expect(summary.checksum == (length < 38 ? nil : length == 43 ? .valid : .incorrect))
        #expect(summary.malformed.reasons == Malformation.reasons(in: datagram.span))
    }

    @Test func agreesWithWhoeverReadsOnePartOnly() {
        var generator = SeededGenerator(seed: 43)
        for _ in 0..<20_000 {
            var datagram = octets(Self.whole)
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                datagram[.random(in: 0..<43, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let summary = DatagramSummary(of: datagram.span)
            #expect(summary.malformed == Malformation.set(in: datagram.span))
            guard let header = try? IPv4HeaderView(datagram.span), header.headerLength <= 39 else {
                #expect(summary.headerLength == 0)
                continue
            }
            #expect(Int(summary.headerLength) == header.headerLength)
            #expect(summary.source == header.source)
            #expect(summary.destination == header.destination)
            let segment = datagram.span.extracting(header.headerLength...)
            let verdict = ChecksumVerdict(of: segment, from: header.source, to: header.destination)
            #expect(summary.checksum == verdict?.status)
            #expect(summary.sourcePort == segment.bigEndianUInt16(at: 0))
        }
    }
}

import TCPWire
import Testing

@Suite struct ChecksumVerdictTests {
    private let source = IPv4Address(rawValue: 0xc000_0201)
    private let destination = IPv4Address(rawValue: 0xc000_0202)

    @Test(arguments: 18...120)
    func tellsThreeAnswersApart(length: Int) throws {
        var generator = SeededGenerator(seed: UInt64(length))
        var segment = generator.octets(count: length)
        let pseudoHeader = octets("c0000201 c0000202 0006") + [UInt8(length >> 8), UInt8(length & 0xff)]
        segment[16] = 0
        segment[17] = 0
        let expected = ~naiveSum(pseudoHeader + segment)
        let partial = naiveSum(pseudoHeader)

        for value in [expected, partial, expected &+ 1, partial &+ 1, ~expected] {
            segment[16] = UInt8(value >> 8)
            segment[17] = UInt8(value & 0xff)
            let judged = ChecksumVerdict(of: segment.span, from: source, to: destination)
            let verdict = try #require(judged)
            #expect(verdict.value == value)
            #expect(verdict.expected == expected)
            #expect(verdict.status == (value == expected ? .valid : value == partial ? .partial : .incorrect))
        }
    }

    @Test func acceptsBothZeros() throws {
        var segment = octets("3039 0050 00000000 00000000 5002 0000 0000 0000")
        let pseudoHeader = octets("c0000201 c0000202 0006 0014")
        // Makes everything else sum to 0xffff, so that the right checksum is 0.
        let window = ~naiveSum(pseudoHeader + segment)
        segment[14] = UInt8(window >> 8)
        segment[15] = UInt8(window & 0xff)
        for value in [0x0000, 0xffff] as [UInt16] {
            segment[16] = UInt8(value >> 8)
            segment[17] = UInt8(value & 0xff)
            let judged = ChecksumVerdict(of: segment.span, from: source, to: destination)
            let verdict = try #require(judged)
            #expect(verdict.status == .valid)
            #expect(verdict.expected == 0)
        }
    }

    @Test(arguments: 0..<18)
    func needsTheChecksumToBeThere(length: Int) {
        let segment = [UInt8](repeating: 0, count: length)
        #expect(ChecksumVerdict(of: segment.span, from: source, to: destination) == nil)
    }
}

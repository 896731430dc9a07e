import TCPWire
import Testing

@Suite struct InternetChecksumTests {
    /// RFC 1071 §3: the words 0001 f203 f4f5 f6f7 sum to ddf2.
    @Test func sumsTheExampleOfRFC1071() {
        var sum = InternetChecksum()
        sum.add(octets("0001 f203 f4f5 f6f7").span)
        #expect(sum.foldedSum == 0xddf2)
        #expect(sum.value == 0x220d)
    }

    @Test func sumsWordsLikeTheirOctets() {
        var sum = InternetChecksum()
        for word in [0x0001, 0xf203, 0xf4f5, 0xf6f7] as [UInt16] { sum.add(word) }
        #expect(sum.foldedSum == 0xddf2)
    }

    @Test func keepsItsPlaceWhenAWordFollowsAnOddPiece() {
        var sum = InternetChecksum()
        sum.add(octets("00").span)
        sum.add(0x01f2)
        sum.add(octets("03f4f5f6f7").span)
        #expect(sum.foldedSum == 0xddf2)
    }

    @Test func sumsNothingToZero() {
        #expect(InternetChecksum().foldedSum == 0)
        #expect(InternetChecksum().value == 0xffff)
    }

    /// Every length, from every alignment, and with the octets that carry most.
    @Test(arguments: 0...300)
    func agreesWithTheNaiveSum(length: Int) {
        var generator = SeededGenerator(seed: UInt64(length))
        for pattern in [generator.octets(count: length + 8), [UInt8](repeating: 0xff, count: length + 8)] {
            for start in 0...8 {
                var sum = InternetChecksum()
                sum.add(pattern.span.extracting(start..<start + length))
                #expect(sum.foldedSum == naiveSum(Array(pattern[start..<start + length])))
            }
        }
    }

    @Test(arguments: 0...300)
    func sumsTwoPiecesLikeTheWhole(length: Int) {
        var generator = SeededGenerator(seed: UInt64(length))
        let whole = generator.octets(count: length)
        var expected = InternetChecksum()
        expected.add(whole.span)
        for split in 0...length {
            var sum = InternetChecksum()
            sum.add(whole.span.extracting(..<split))
            sum.add(whole.span.extracting(split...))
            #expect(sum == expected)
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func sumsManyPiecesLikeTheWhole(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let whole = generator.octets(count: 400)
        var sum = InternetChecksum()
        var start = 0
        while start < whole.count {
            let end = Int.random(in: start...min(whole.count, start + 21), using: &generator)
            sum.add(whole.span.extracting(start..<end))
            start = end
        }
        #expect(sum.foldedSum == naiveSum(whole))
    }

    @Test func sumsTheLongestDatagram() {
        let whole = [UInt8](repeating: 0xff, count: 65535)
        var sum = InternetChecksum()
        sum.add(whole.span)
        #expect(sum.foldedSum == naiveSum(whole))
    }

    @Test func beginsWithThePseudoHeader() throws {
        let source = try #require(IPv4Address("192.0.2.1"))
        let destination = try #require(IPv4Address("198.51.100.254"))
        let sum = InternetChecksum(tcpFrom: source, to: destination, segmentLength: 0xfedc)
        #expect(sum.foldedSum == naiveSum(octets("c0000201 c63364fe 00 06 fedc")))
    }

    @Test(arguments: UInt64(0)..<300)
    func updatesLikeSummingAgain(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        // Zeros and ones now and then, where the two zeros of one's complement meet.
        let edges: [UInt8] = [0x00, 0xff]
        var content = generator.octets(count: 40)
        if seed % 3 == 0 { content = content.map { _ in edges.randomElement(using: &generator) ?? 0 } }
        content[38] = 1
        let position = 2 * Int.random(in: 0...17, using: &generator)
        let (oldWord, oldWords) = (
            content.span.bigEndianUInt16(at: position), content.span.bigEndianUInt32(at: position)
        )
        let checksum = ~naiveSum(content)

        let newWord = seed % 4 == 0 ? oldWord ^ 0xffff : UInt16.random(in: 0...UInt16.max, using: &generator)
        var changed = content
        changed.replaceSubrange(position..<position + 2, with: [UInt8(newWord >> 8), UInt8(newWord & 0xff)])
        #expect(InternetChecksum.updating(checksum, replacing: oldWord, with: newWord) == ~naiveSum(changed))

        let newWords = seed % 4 == 0 ? ~oldWords : UInt32.random(in: 0...UInt32.max, using: &generator)
        changed = content
        let newOctets = (0..<4).map { UInt8(truncatingIfNeeded: newWords >> UInt32(24 - 8 * $0)) }
        changed.replaceSubrange(position..<position + 4, with: newOctets)
        #expect(InternetChecksum.updating(checksum, replacing: oldWords, with: newWords) == ~naiveSum(changed))
    }

    /// RFC 1624 §4: the checksum dd2f with 5555 replaced by 3285 becomes 0000.
    @Test func updatesTheExampleOfRFC1624() {
        #expect(InternetChecksum.updating(0xdd2f, replacing: 0x5555 as UInt16, with: 0x3285) == 0)
    }

    /// One's complement sums are the remainders by 0xffff, but that 0xffff stands for 0 where anything was added.
    @Test func foldsAnySum() {
        var generator = SeededGenerator(seed: 1071)
        let parts: [UInt64] = [0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff]
        var sums: [UInt64] = [.max, .max - 1, 1 << 63, 0xffff_ffff, 0x1_0000_0000, 0xffff_0000_0000_0000]
        for first in parts {
            for second in parts {
                for third in parts { sums.append(first << 48 | second << 32 | second << 16 | third) }
            }
        }
        for _ in 0..<10_000 { sums.append(.random(in: 0...UInt64.max, using: &generator)) }
        for sum in sums {
            let expected = sum == 0 ? 0 : (sum - 1) % 0xffff + 1
            #expect(UInt64(InternetChecksum.folded(sum)) == expected, "of \(sum)")
        }
    }
}

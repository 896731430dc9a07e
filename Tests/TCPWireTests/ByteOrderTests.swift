import TCPWire
import Testing

@Suite struct ByteOrderTests {
    private let sample: [UInt8] = [0x00, 0x01, 0x02, 0x80, 0xff, 0xfe]

    @Test func readsTheFirstOctetAsTheHighest() {
        #expect(sample.span.bigEndianUInt16(at: 1) == 0x0102)
        #expect(sample.span.bigEndianUInt16(at: 4) == 0xfffe)
        #expect(sample.span.bigEndianUInt32(at: 1) == 0x0102_80ff)
        #expect(sample.span.bigEndianUInt32(at: 2) == 0x0280_fffe)
    }

    @Test func storesTheHighestOctetFirst() {
        var stored = sample
        var span = stored.mutableSpan
        span.store(bigEndian: 0xabcd as UInt16, at: 4)
        span.store(bigEndian: 0x1234_5678 as UInt32, at: 0)
        #expect(stored == [0x12, 0x34, 0x56, 0x78, 0xab, 0xcd])
    }

    @Test(arguments: 0...6)
    func copiesOverTheFirstOctets(length: Int) {
        var target = [UInt8](repeating: 7, count: 6)
        var span = target.mutableSpan
        span.copy(sample.span.extracting(first: length))
        #expect(target == Array(sample.prefix(length)) + [UInt8](repeating: 7, count: 6 - length))
    }

    @Test func appendsBehindWhatIsThere() {
        let appended = [UInt8](capacity: 16) { output in
            output.append(7)
            output.append(bigEndian: 0x0102 as UInt16)
            output.append(copying: sample.span.extracting(3...))
            output.append(copying: sample.span.extracting(0..<0))
            output.append(bigEndian: 0xfffe_fdfc as UInt32)
        }
        #expect(appended == [7, 1, 2, 0x80, 0xff, 0xfe, 0xff, 0xfe, 0xfd, 0xfc])
    }

    @Test(arguments: 0...6)
    func copiesSpansOfAnyLength(length: Int) {
        #expect([UInt8](copying: sample.span.extracting(first: length)) == Array(sample.prefix(length)))
    }
}

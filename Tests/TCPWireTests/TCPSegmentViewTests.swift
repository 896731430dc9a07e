import TCPWire
import Testing

@Suite struct TCPSegmentViewTests {
    // 192.0.2.1.12345 > 192.0.2.2.80: Flags [S], seq 0, win 65535, options [mss 1460], length 0
    private let synOctets = octets("3039 0050 00000000 00000000 6002 ffff e399 0000 020405b4")

    @Test func readsEveryFieldInItsPlace() throws {
        let segment = octets("0102 0304 05060708 090a0b0c 6d0e 0f10 1112 1314 15161718 191a1b")
        let view = try TCPSegmentView(segment.span)
        #expect(view.sourcePort == 0x0102)
        #expect(view.destinationPort == 0x0304)
        #expect(view.sequenceNumber.rawValue == 0x0506_0708)
        #expect(view.acknowledgmentNumber.rawValue == 0x090a_0b0c)
        #expect(view.dataOffset == 6)
        #expect(view.reservedBits == 0x0d)
        #expect(view.flags == [.rst, .psh, .syn])
        #expect(view.window == 0x0f10)
        #expect(view.checksum == 0x1112)
        #expect(view.urgentPointer == 0x1314)
        let (options, payload) = ([UInt8](copying: view.options), [UInt8](copying: view.payload))
        #expect(options == octets("15161718"))
        #expect(payload == octets("191a1b"))
    }

    @Test(arguments: [
        (length: 0, error: WireError.truncated(needed: 20, available: 0)),
        (length: 19, error: .truncated(needed: 20, available: 19)),
        (length: 23, error: .truncated(needed: 24, available: 23)),
    ])
    func refusesOctetsThatEndInsideTheHeader(length: Int, error: WireError) {
        #expect(throws: error) {
            _ = try TCPSegmentView(synOctets.span.extracting(first: length))
        }
    }

    @Test(arguments: UInt8(0)..<5)
    func refusesADataOffsetBelowFive(dataOffset: UInt8) {
        var octets = synOctets
        octets[12] = dataOffset << 4
        #expect(throws: WireError.dataOffsetTooSmall(dataOffset)) { _ = try TCPSegmentView(octets.span) }
    }

    /// Flips every bit of a segment and cuts it at every length: reads or throws, never traps.
    @Test func readsNoOctetItWasNotGiven() throws {
        for bit in 0..<(synOctets.count * 8) {
            var damaged = synOctets
            damaged[bit / 8] ^= 1 << (bit % 8)
            for length in 0...damaged.count {
                let cut = Array(damaged.prefix(length))
                guard let view = try? TCPSegmentView(cut.span) else { continue }
                let copy = TCPSegment(copying: view)
                #expect(try copy.encoded(from: .any, to: .any) == cut)
            }
        }
    }
}

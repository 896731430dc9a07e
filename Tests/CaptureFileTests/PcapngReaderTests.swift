import Testing

@testable import CaptureFile

@Suite struct PcapngReaderTests {
    @Test(arguments: [false, true])
    func readsEveryKindOfPacketBlock(isBigEndian: Bool) throws {
        var file = FileMaker(isBigEndian: isBigEndian)
        file.section()
        file.interface(link: 1, snapLength: 2)
        file.interface(link: 228, options: [(2, Array("eth0".utf8)), (9, [9])])
        file.block(0x0bad) { $0.octets = [1, 2, 3] }
        file.packet(interface: 1, time: 0x0123_4567_89ab_cdef, [1, 2, 3, 4, 5])
        file.packet(interface: 0, time: 7, [], original: 9)
        // A simple packet: no time, cut to the first interface's snap length.
        file.block(3) { block in
            block.word32(3)
            block.octets += [7, 8]
        }
        // The packet block of former times.
        file.block(2) { block in
            block.word16(1)
            block.word16(5)
            for word in [0, 42, 1, 1] as [UInt32] { block.word32(word) }
            block.octets.append(6)
        }
        let packets = try CaptureFileReader.packets(in: file.octets, atMost: 4)
        #expect(packets.map(\.timestampNanoseconds) == [0x0123_4567_89ab_cdef, 7000, nil, 42])
        #expect(packets.map(\.linkType) == [.ipv4, .ethernet, .ethernet, .ipv4])
        #expect(packets.map { Array(file.octets[$0.octets]) } == [[1, 2, 3, 4, 5], [], [7, 8], [6]])
        #expect(packets.map(\.originalLength) == [5, 9, 3, 1])
    }

    @Test func aSectionForgetsTheInterfacesAndByteOrderBeforeIt() throws {
        var file = FileMaker()
        file.section()
        file.interface(link: 1)
        file.packet(time: 1, [1])
        var second = FileMaker(isBigEndian: true)
        second.section()
        second.interface(link: 101)
        second.packet(time: 2, [2])
        let packets = try CaptureFileReader.packets(in: file.octets + second.octets, atMost: 9)
        #expect(packets.map(\.linkType) == [.ethernet, .rawIP])
        #expect(packets.map(\.timestampNanoseconds) == [1000, 2000])

        var third = FileMaker()
        third.section()
        third.packet(time: 3, [3])
        #expect(throws: CaptureFileError.unknownInterface(0, offset: file.octets.count + 28)) {
            try CaptureFileReader.packets(in: file.octets + third.octets, atMost: 9)
        }
    }

    @Test(
        arguments: [
            (6, 0, 1_500_000, 1_500_000_000), (9, 0, 5, 5), (0, 0, 3, 3_000_000_000), (10, 0, 55, 5), (28, 0, .max, 1),
            (29, 0, .max, 0), (127, 0, .max, 0), (0x80, 0, 2, 2_000_000_000), (0x81, 0, 3, 1_500_000_000),
            (0x80 + 63, 0, 1 << 63, 1_000_000_000), (0x80 + 64, 0, 1 << 63, 500_000_000), (0xff, 0, .max, 0),
            (9, 2, 5, 2_000_000_005), (9, -2, 2_000_000_005, 5), (9, -3, 5, 0), (0, 0, .max, .max), (9, .max, 5, .max),
            (9, .min, .max, 0), (0x80, 0, .max, .max), (6, 0, .max, .max),
        ] as [(UInt8, Int64, UInt64, UInt64)])
    func turnsEveryClockIntoNanoseconds(resolution: UInt8, offset: Int64, time: UInt64, expected: UInt64) {
        #expect(CaptureClock(resolution: resolution, offsetSeconds: offset).nanoseconds(time) == expected)
    }

    @Test(arguments: [false, true])
    func readsTheClocksOptions(isBigEndian: Bool) throws {
        var file = FileMaker(isBigEndian: isBigEndian)
        file.section()
        var offset: [UInt8] = [0, 0, 0, 0, 0, 0, 1, 0]
        if !isBigEndian { offset.reverse() }
        file.interface(link: 1, options: [(3, [1, 2, 3]), (14, offset), (9, [3]), (0, []), (9, [9])])
        file.packet(time: 1, [1])
        let packets = try CaptureFileReader.packets(in: file.octets, atMost: 1)
        #expect(packets.map(\.timestampNanoseconds) == [256_001_000_000])
    }

    @Test func saysWhatIsWrongAndWhere() {
        var file = FileMaker()
        file.section()
        let section = file.octets
        file.interface(link: 127)
        file.packet(time: 1, [1])
        #expect(throws: CaptureFileError.unknownLinkType(127)) {
            try CaptureFileReader.packets(in: file.octets, atMost: 1)
        }
        func refused(_ octets: [UInt8], as expected: CaptureFileError) {
            #expect(throws: expected) { try CaptureFileReader.packets(in: section + octets, atMost: 1) }
        }
        let offset = section.count
        refused([6, 0, 0], as: .truncated(what: "a block's header", offset: offset))
        refused([6, 0, 0, 0, 8, 0, 0, 0], as: .badLength(what: "a block", length: 8, offset: offset))
        refused([6, 0, 0, 0, 13, 0, 0, 0], as: .badLength(what: "a block", length: 13, offset: offset))
        refused([6, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0], as: .truncated(what: "a block", offset: offset))
        refused(
            [6, 0, 0, 0, 12, 0, 0, 0, 16, 0, 0, 0],
            as: .badLength(what: "the end of a block", length: 12, offset: offset))
        refused(
            [6, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0], as: .badLength(what: "a packet's block", length: 0, offset: offset))
        refused(
            [1, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0],
            as: .badLength(what: "an interface's block", length: 0, offset: offset))
        var lying = FileMaker()
        lying.interface(link: 1)
        lying.block(6) { block in for word in [0, 0, 0, 9, 9, 0] as [UInt32] { block.word32(word) } }
        refused(lying.octets, as: .badLength(what: "a packet", length: 9, offset: offset + 20))
    }
}

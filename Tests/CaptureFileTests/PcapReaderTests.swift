import Testing

@testable import CaptureFile

@Suite struct PcapReaderTests {
    @Test(arguments: [(0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1)] as [(UInt32, UInt64)], [false, true])
    func readsBothClocksInBothByteOrders(kind: (magic: UInt32, unit: UInt64), isBigEndian: Bool) throws {
        var file = FileMaker(isBigEndian: isBigEndian)
        file.pcapHeader(magic: kind.magic, link: 228)
        file.pcapPacket(seconds: 1_700_000_000, fraction: 123_456, [1, 2, 3])
        file.pcapPacket(seconds: .max, fraction: 999_999, [], original: 70_000)
        let packets = try CaptureFileReader.packets(in: file.octets, atMost: 10)
        #expect(
            packets == [
                CapturedPacket(
                    timestampNanoseconds: 1_700_000_000_000_000_000 + 123_456 * kind.unit, linkType: .ipv4,
                    octets: 40..<43, originalLength: 3),
                CapturedPacket(
                    timestampNanoseconds: 4_294_967_295_000_000_000 + 999_999 * kind.unit, linkType: .ipv4,
                    octets: 59..<59, originalLength: 70_000),
            ])
        #expect(packets.map(\.isCut) == [false, true])
    }

    @Test(
        arguments: [
            (0, .null), (1, .ethernet), (0x1000_0001, .ethernet), (12, .rawIP), (101, .rawIP), (113, .linuxCooked),
        ]
            as [(UInt32, LinkType)])
    func knowsTheLinkType(number: UInt32, expected: LinkType) throws {
        var file = FileMaker()
        file.pcapHeader(magic: 0xa1b2_c3d4, link: number)
        file.pcapPacket(seconds: 0, fraction: 0, [9])
        #expect(try CaptureFileReader.packets(in: file.octets, atMost: 1).map(\.linkType) == [expected])
    }

    @Test func saysWhatIsWrongAndWhere() {
        var file = FileMaker()
        file.pcapHeader(magic: 0xa1b2_c3d4, link: 228)
        let header = file.octets
        #expect(throws: CaptureFileError.unknownFormat) { try CaptureFileReader.packets(in: [], atMost: 1) }
        #expect(throws: CaptureFileError.unknownFormat) { try CaptureFileReader.packets(in: [1, 2, 3], atMost: 1) }
        #expect(throws: CaptureFileError.unknownFormat) {
            try CaptureFileReader.packets(in: Array("{\"flags\": []}".utf8), atMost: 1)
        }
        #expect(throws: CaptureFileError.truncated(what: "the file's header", offset: 0)) {
            try CaptureFileReader.packets(in: Array(header.dropLast()), atMost: 1)
        }
        #expect(throws: CaptureFileError.unknownLinkType(127)) {
            try CaptureFileReader.packets(in: Array(header.dropLast(4)) + [127, 0, 0, 0], atMost: 1)
        }
        #expect(throws: CaptureFileError.unknownVersion(major: 3, minor: 4, offset: 4)) {
            try CaptureFileReader.packets(in: header[..<4] + [3, 0] + header[6...], atMost: 1)
        }
        file.pcapPacket(seconds: 0, fraction: 0, [1, 2])
        #expect(throws: CaptureFileError.truncated(what: "a packet", offset: 24)) {
            try CaptureFileReader.packets(in: Array(file.octets.dropLast()), atMost: 1)
        }
        #expect(throws: CaptureFileError.truncated(what: "a packet's header", offset: 42)) {
            try CaptureFileReader.packets(in: file.octets + [0], atMost: 1)
        }
        #expect(throws: CaptureFileError.tooManyRecords(limit: 0)) {
            try CaptureFileReader.packets(in: file.octets, atMost: 0)
        }
    }
}

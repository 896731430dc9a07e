import Testing

@testable import CaptureFile

/// Whatever a file holds, it reads or throws, and what it reads lies within it.
@Suite struct HostileFileTests {
    private static let files: [[UInt8]] = [false, true].flatMap { isBigEndian in
        var pcap = FileMaker(isBigEndian: isBigEndian)
        pcap.pcapHeader(magic: 0xa1b2_c3d4, link: 1)
        for number in 0..<4 as Range<UInt32> {
            pcap.pcapPacket(seconds: number, fraction: 5, [UInt8](repeating: UInt8(number), count: 20 + Int(number)))
        }
        var pcapng = FileMaker(isBigEndian: isBigEndian)
        pcapng.section()
        pcapng.interface(
            link: 113, snapLength: 96, options: [(2, Array("any".utf8)), (9, [9]), (14, [1, 0, 0, 0, 0, 0, 0, 0])])
        pcapng.packet(time: 1 << 60, [UInt8](0..<21), original: 400)
        pcapng.block(3) { $0.word32(0) }
        pcapng.block(5) { $0.octets = [UInt8](0..<12) }
        pcapng.packet(time: 99, [UInt8](0..<64))
        return [pcap.octets, pcapng.octets]
    }

    private func read(_ file: [UInt8]) {
        guard let packets = try? CaptureFileReader.packets(in: file, atMost: 1000) else { return }
        for packet in packets {
            #expect(packet.octets.lowerBound >= 0 && packet.octets.upperBound <= file.count)
            _ = packet.linkType.headerLength(of: file.span.extracting(packet.octets))
        }
    }

    @Test(arguments: files)
    func everyPrefixReadsOrThrows(file: [UInt8]) {
        for length in 0...file.count { read(Array(file.prefix(length))) }
    }

    @Test(arguments: files)
    func everyChangedOctetReadsOrThrows(file: [UInt8]) {
        for place in file.indices {
            for value in [0, 1, 0x0a, 0x7f, 0x80, 0xff, file[place] &+ 1, file[place] &- 1] as [UInt8] {
                var changed = file
                changed[place] = value
                read(changed)
            }
        }
    }

    @Test(arguments: UInt64(0)..<16)
    func everyMutationReadsOrThrows(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2000 {
            var file = Self.files.randomElement(using: &generator) ?? []
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                let place = Int.random(in: 0..<file.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: file[place] = .random(in: 0...255, using: &generator)
                case 1: file.removeSubrange(place..<min(file.count, place + .random(in: 1...5, using: &generator)))
                case 2: file.insert(contentsOf: (0..<4).map { _ in 0xff }, at: place)
                default:
                    let end = min(file.count, place + .random(in: 1...32, using: &generator))
                    file.insert(contentsOf: file[place..<end], at: .random(in: 0...file.count, using: &generator))
                }
                if file.isEmpty { file = [0] }
            }
            read(file)
        }
    }

    @Test(arguments: LinkType.allCases)
    func everyLinkLayerReadsAnyPacket(linkType: LinkType) {
        var generator = SeededGenerator(seed: 5)
        for length in 0...64 {
            for _ in 0..<200 {
                let choices: [UInt8] = [0, 2, 8, 0x45, 0x60, 0x81, 0x88, 0xa8, 0x91]
                let packet = (0..<length).map { _ in choices.randomElement(using: &generator) ?? 0 }
                if let header = linkType.headerLength(of: packet.span) { #expect(header <= length) }
            }
        }
    }

    @Test func twentyMegabytesOfNothingEndAtTheLimit() throws {
        // Packets without octets, as many as fit.
        var pcap = FileMaker()
        pcap.pcapHeader(magic: 0xa1b2_c3d4, link: 228)
        let nothing = [UInt8](repeating: 0, count: 20 << 20)
        #expect(throws: CaptureFileError.tooManyRecords(limit: 10_000)) {
            try CaptureFileReader.packets(in: pcap.octets + nothing, atMost: 10_000)
        }
        // Interfaces without end, and blocks without content.
        var pcapng = FileMaker()
        pcapng.section()
        var interface = FileMaker()
        interface.interface(link: 228)
        let many = (0..<(1 << 20)).flatMap { _ in interface.octets }
        #expect(throws: CaptureFileError.tooManyInterfaces(limit: 4096)) {
            try CaptureFileReader.packets(in: pcapng.octets + many, atMost: 10_000)
        }
        let empty: [UInt8] = [9, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0]
        let blocks = (0..<(20 << 20) / 12).flatMap { _ in empty }
        #expect(try CaptureFileReader.packets(in: pcapng.octets + blocks, atMost: 10_000).isEmpty)
    }
}

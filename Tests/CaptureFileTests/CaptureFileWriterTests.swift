import Testing

@testable import CaptureFile

@Suite struct CaptureFileWriterTests {
    /// By hand from draft-ietf-opsawg-pcapng, sections 4.1, 4.2, 4.3 and 4.6.
    @Test func writesTheBlocksOfTheFormat() {
        var file = CaptureFileWriter.beginning(application: "seg", interfaces: [.init(name: "ns", description: "d")])
        var details = CaptureFileWriter.Packet(timestampNanoseconds: 0x1_0000_0002)
        details.originalLength = 60
        details.direction = .outbound
        details.comment = "hi"
        let octets: [UInt8] = [0x45, 1, 2, 3, 4]
        CaptureFileWriter.append(octets.span, details, to: &file)
        details.dropped = 772
        CaptureFileWriter.append(octets.span, details, to: &file)
        CaptureFileWriter.appendStatistics(at: 3, droppedByKernel: 258, comment: "x", to: &file)
        let section = """
            0a0d0d0a 28000000 4d3c2b1a 01000000 ffffffff ffffffff 04000300 73656700 00000000 28000000
            """
        let interface = """
            01000000 30000000 e4000000 ffff0000 02000200 6e730000 03000100 64000000 09000100 09000000 00000000 30000000
            """
        let packet = """
            06000000 3c000000 00000000 01000000 02000000 05000000 3c000000 45010203 04000000 01000200 68690000
            02000400 02000000 00000000 3c000000
            """
        let packetAfterLoss = """
            06000000 48000000 00000000 01000000 02000000 05000000 3c000000 45010203 04000000 01000200 68690000
            02000400 02000000 04000800 04030000 00000000 00000000 48000000
            """
        let statistics = """
            05000000 30000000 00000000 00000000 03000000 01000100 78000000 07000800 02010000 00000000 00000000 30000000
            """
        let expected = [section, interface, packet, packetAfterLoss, statistics].joined().filter(\.isHexDigit)
        let written = file.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(written == expected)
    }

    @Test(arguments: UInt64(0)..<50)
    func readingUndoesWriting(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = CaptureFileWriter.beginning(
            application: "segmentd", interfaces: ["one", "another"].map { .init(name: $0, description: "") })
        let datagrams = (0..<20).map { number in
            (
                octets: (0..<Int.random(in: 0...100, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                },
                time: Int64.random(in: 0...Int64.max, using: &generator), interface: number % 2,
                extra: Int.random(in: 0...3, using: &generator)
            )
        }
        for datagram in datagrams {
            var packet = CaptureFileWriter.Packet(timestampNanoseconds: datagram.time)
            packet.originalLength = datagram.octets.count + datagram.extra
            packet.interface = datagram.interface
            packet.dropped = UInt64(datagram.extra)
            packet.comment = String(repeating: "c", count: .random(in: 0...9, using: &generator))
            CaptureFileWriter.append(datagram.octets.span, packet, to: &file)
        }
        let packets = try CaptureFileReader.packets(in: file, atMost: 20)
        #expect(packets.map { Array(file[$0.octets]) } == datagrams.map(\.octets))
        #expect(packets.map(\.timestampNanoseconds) == datagrams.map { UInt64($0.time) })
        #expect(packets.map { Int($0.originalLength) } == datagrams.map { $0.octets.count + $0.extra })
        #expect(packets.allSatisfy { $0.linkType == .ipv4 })
    }
}

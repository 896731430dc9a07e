import Testing

@testable import CaptureFile

@Suite struct CaptureFileWriterTests {
    /// By hand from draft-ietf-opsawg-pcapng, sections 4.1, 4.2, 4.3 and 4.6.
    @Test func writesTheBlocksOfTheFormat() {
        var file = CaptureFileWriter.beginning(application: "seg", interfaces: ["ns"])
        CaptureFileWriter.append(
            ([0x45, 1, 2, 3, 4] as [UInt8]).span, originalLength: 60, interface: 0, at: 0x1_0000_0002, .outbound,
            comment: "hi", to: &file)
        CaptureFileWriter.appendStatistics(interface: 0, at: 3, droppedByKernel: 258, comment: "x", to: &file)
        let section: [UInt8] = [
            0x0a, 0x0d, 0x0d, 0x0a, 40, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255,
            255, 4, 0, 3, 0, 115, 101, 103, 0, 0, 0, 0, 0, 40, 0, 0, 0,
        ]
        let interface: [UInt8] = [
            1, 0, 0, 0, 40, 0, 0, 0, 228, 0, 0, 0, 255, 255, 0, 0, 2, 0, 2, 0, 110, 115, 0, 0, 9, 0, 1, 0, 9, 0, 0, 0,
            0,
            0, 0, 0, 40, 0, 0, 0,
        ]
        let packet: [UInt8] = [
            6, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 60, 0, 0, 0, 0x45, 1, 2, 3, 4, 0,
            0,
            0, 1, 0, 2, 0, 104, 105, 0, 0, 2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0, 60, 0, 0, 0,
        ]
        let statistics: [UInt8] = [
            5, 0, 0, 0, 48, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 1, 0, 120, 0, 0, 0, 7, 0, 8, 0, 2, 1, 0,
            0,
            0, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0,
        ]
        #expect(file == section + interface + packet + statistics)
    }

    @Test(arguments: UInt64(0)..<50)
    func readingUndoesWriting(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var file = CaptureFileWriter.beginning(application: "segmentd", interfaces: ["one", "another"])
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
            CaptureFileWriter.append(
                datagram.octets.span, originalLength: datagram.octets.count + datagram.extra,
                interface: datagram.interface, at: datagram.time, .inbound,
                comment: String(repeating: "c", count: .random(in: 0...9, using: &generator)), to: &file)
        }
        let packets = try CaptureFileReader.packets(in: file, atMost: 20)
        #expect(packets.map { Array(file[$0.octets]) } == datagrams.map(\.octets))
        #expect(packets.map(\.timestampNanoseconds) == datagrams.map { UInt64($0.time) })
        #expect(packets.map { Int($0.originalLength) } == datagrams.map { $0.octets.count + $0.extra })
        #expect(packets.allSatisfy { $0.linkType == .ipv4 })
    }
}

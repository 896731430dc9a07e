import Foundation
import Testing

@testable import CaptureFilter

/// tcpdump is the judge: over the same datagrams it must keep the same ones.
@Suite struct TcpdumpTests {
    private static let tcpdump = ["/usr/bin/tcpdump", "/usr/sbin/tcpdump"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let expressions = [
        "tcp", "not tcp", "udp port 80", "port 80", "src port 80 or dst port 443", "portrange 80-443",
        "host 10.0.0.1", "src host 10.0.1.2 and not dst port 22", "net 10.0.1.0/24", "dst net 10.0.1",
        "tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn", "tcp[13] & 7 = 0",
        "ip[6:2] & 0x1fff != 0", "ip[0] & 0xf > 5", "greater 80", "less 60", "len > 50 and len < 90",
        "tcp[20] = 1", "tcp[((tcp[12] & 0xf0) >> 2)] = 2", "ip[2:2] - ((ip[0] & 0xf) << 2) > 40",
        "(tcp port 80 or tcp port 443) and (host 10.0.0.1 or host 10.0.0.2) and not src net 10.0.1",
        "tcp[4:4] = 1", "ip proto 17", "tcp src port 50001 and tcp[13] & tcp-rst != 0", "tcp[2:2] > tcp[0:2]",
        "ip multicast", "tcp[100] = 0 or tcp", "not (tcp[100] = 0)", "ip[8] % 2 = 0", "ip[8] ^ 64 = 0",
    ]

    @Test(.enabled(if: tcpdump != nil, "tcpdump is not installed"), arguments: expressions)
    func keepsWhatTcpdumpKeeps(expression: String) throws {
        var generator = SeededGenerator(seed: expression.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
        let datagrams = (0..<2000).map { _ in Datagram.random(using: &generator) }
        let filter = try CaptureFilter(expression)
        let ours = datagrams.indices.filter { place in
            let datagram = datagrams[place]
            return filter.admits(datagram.span)
        }
        let theirs = try kept(datagrams, by: expression)
        #expect(ours == theirs)
        #expect(!ours.isEmpty || expression == "ip multicast")
    }

    /// The places of the datagrams that tcpdump lets through, each of which has its place for its second.
    private func kept(_ datagrams: [[UInt8]], by expression: String) throws -> [Int] {
        var file = Self.words(0xa1b2_c3d4, 0x0004_0002, 0, 0, 65_535, 228)
        for (place, datagram) in datagrams.enumerated() {
            file += Self.words(UInt32(place), 0, UInt32(datagram.count), UInt32(datagram.count)) + Data(datagram)
        }
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try file.write(to: directory.appending(path: "in.pcap"))

        // By the shell, because Foundation's processes leak under the address sanitizer.
        let path = directory.path()
        let status = unsafe system(
            "\(Self.tcpdump ?? "") -r '\(path)/in.pcap' -w '\(path)/out.pcap' '\(expression)' 2>&-")
        #expect(status == 0)

        let output = [UInt8](try Data(contentsOf: directory.appending(path: "out.pcap")))
        var places: [Int] = []
        var position = 24
        func word(_ offset: Int) -> Int {
            (0..<4).reduce(0) { $0 | Int(output[position + offset + $1]) << (8 * $1) }
        }
        while position + 16 <= output.count {
            places.append(word(0))
            position += 16 + word(8)
        }
        return places
    }

    private static func words(_ words: UInt32...) -> Data {
        Data(words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) } })
    }
}

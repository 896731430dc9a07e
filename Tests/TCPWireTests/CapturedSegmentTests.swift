import FoundationEssentials
import TCPWire
import Testing

/// Datagrams captured from a Linux kernel and from a raw socket, each in a file of
/// its own: what `tcpdump -nvtS` prints, then the octets.
@Suite struct CapturedSegmentTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors")

    private static let names: [String] =
        (try? FileManager.default.contentsOfDirectory(atPath: directory.path))?.filter { $0.hasSuffix(".hex") }.sorted()
        ?? []

    private func read(_ name: String) throws -> (line: String, octets: [UInt8]) {
        let text = try String(contentsOf: Self.directory.appending(path: name), encoding: .utf8)
        let end = try #require(text.firstIndex(of: "\n"))
        return (String(text[..<end]), octets(String(text[end...])))
    }

    @Test func areThere() {
        #expect(Self.names.count >= 11)
    }

    @Test(arguments: names)
    func readAsTcpdumpReadsThem(name: String) throws {
        let (line, octets) = try read(name)
        let view = try IPv4HeaderView(octets.span)
        let datagram = try TCPDatagram(copying: octets.span)
        let judged = ChecksumVerdict(of: view.payload, from: view.source, to: view.destination)
        let verdict = try #require(judged)
        let hasValidChecksum = view.hasValidChecksum
        #expect(TcpdumpLine(ip: datagram.ip, segment: datagram.segment, verdict: verdict).text == line)
        #expect(hasValidChecksum)
        #expect(Malformation.reasons(in: octets.span).isEmpty)
    }

    /// On loopback the kernel leaves the checksum to a device that is not there, but for resets.
    @Test(arguments: names)
    func haveTheChecksumThatTheirSenderGivesThem(name: String) throws {
        let (_, octets) = try read(name)
        let view = try IPv4HeaderView(octets.span)
        let status = ChecksumVerdict(of: view.payload, from: view.source, to: view.destination)?.status
        if name.hasPrefix("crafted") {
            #expect(status == .incorrect)
        } else {
            #expect(status == (name.hasPrefix("loopback") && name != "loopback-reset.hex" ? .partial : .valid))
        }
    }

    @Test(arguments: names)
    func comeBackOctetForOctet(name: String) throws {
        let (_, octets) = try read(name)
        var datagram = try TCPDatagram(copying: octets.span)
        #expect(try datagram.encoded() == octets)

        datagram.ip.totalLength = nil
        datagram.ip.checksum = nil
        #expect(try datagram.encoded() == octets)
    }
}

import TCPWire
import Testing

/// Segments of a server on port 50000 and a client on port 50001: SYN, window 200, all numbers 0.
@Suite struct GoldenVectorTests {
    struct Vector: CustomTestStringConvertible, Sendable {
        let name: String
        let sourcePort: UInt16
        let destinationPort: UInt16
        let source: String
        let destination: String
        let payload: [UInt8]
        let header: String

        var testDescription: String { name }
    }

    private static let (server, client) = ("Hello client", "Hello server")
    private static let (left, right, loopback) = ("192.168.1.11", "192.168.1.14", "127.0.0.1")

    private static func fromServer(
        _ name: String, _ source: String, _ to: String, nul: Int, _ header: String
    ) -> Vector {
        Vector(
            name: name, sourcePort: 50000, destinationPort: 50001, source: source, destination: to,
            payload: Array(server.utf8) + [UInt8](repeating: 0, count: nul), header: header)
    }

    private static func fromClient(
        _ name: String, _ source: String, _ to: String, nul: Int, _ header: String
    ) -> Vector {
        Vector(
            name: name, sourcePort: 50001, destinationPort: 50000, source: source, destination: to,
            payload: Array(client.utf8) + [UInt8](repeating: 0, count: nul), header: header)
    }

    private static let vectors = [
        fromServer("server with NUL", left, right, nul: 1, "c350c3510000000000000000500200c845c90000"),
        fromClient("client with NUL", right, left, nul: 1, "c351c3500000000000000000500200c835c10000"),
        fromServer("server", left, right, nul: 0, "c350c3510000000000000000500200c845ca0000"),
        fromClient("client", right, left, nul: 0, "c351c3500000000000000000500200c835c20000"),
        fromServer("server, 1024 octets", left, right, nul: 992, "c350c3510000000000000000500200c841ea0000"),
        fromClient("client, 1024 octets", right, left, nul: 992, "c351c3500000000000000000500200c831e20000"),
        fromServer("server, loopback", loopback, loopback, nul: 0, "c350c3510000000000000000500200c8cb310000"),
        fromClient("client, loopback", loopback, loopback, nul: 0, "c351c3500000000000000000500200c8bb290000"),
        fromServer("server, loopback, 1024", loopback, loopback, nul: 992, "c350c3510000000000000000500200c8c7510000"),
        fromClient("client, loopback, 1024", loopback, loopback, nul: 992, "c351c3500000000000000000500200c8b7490000"),
    ]

    @Test(arguments: vectors)
    func encodesAndVerifies(vector: Vector) throws {
        let source = try #require(IPv4Address(vector.source))
        let destination = try #require(IPv4Address(vector.destination))
        var segment = TCPSegment(sourcePort: vector.sourcePort, destinationPort: vector.destinationPort)
        segment.flags = .syn
        segment.window = 200
        segment.payload = vector.payload

        let expected = octets(vector.header) + vector.payload
        #expect(try segment.encoded(from: source, to: destination) == expected)
        let verdict = ChecksumVerdict(of: expected.span, from: source, to: destination)
        #expect(verdict?.status == .valid)
        #expect(verdict?.expected == expected.span.bigEndianUInt16(at: 16))
    }
}

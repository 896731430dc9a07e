import Testing

@testable import HTTPDaemon

struct AllowedHostsTests {
    private static let loopback: UInt32 = 0x7F00_0001
    private static let bench: UInt32 = 0x0A63_0001

    @Test(
        arguments: [
            // Own names, with the port in use, on the scheme that is spoken.
            (false, loopback, "http://localhost:8080", true),
            (false, loopback, "https://localhost:8080", false),
            (true, loopback, "https://localhost:8080", true),
            (true, loopback, "http://localhost:8080", false),
            (true, bench, "https://10.99.0.1:8080", true),
            (true, bench, "https://10.99.0.2:8080", false),
            (true, bench, "https://10.99.0.1", false),
            // Allowed names: TLS may be somebody else's, before us.
            (false, loopback, "http://bench.example", true),
            (false, loopback, "https://bench.example", true),
            (true, loopback, "https://bench.example", true),
            (true, loopback, "http://bench.example", false),
            (true, loopback, "https://bench.example:9", false),
            // Over the Unix socket there is never TLS.
            (true, 0, "http://localhost:8080", true),
            (true, 0, "http://bench.example", true),
            (true, 0, "ftp://localhost:8080", false),
            (false, loopback, "null", false),
            (false, loopback, "https://", false),
        ] as [(Bool, UInt32, String, Bool)])
    func knowsTheOriginsOfItsPages(isEncrypted: Bool, localAddress: UInt32, origin: String, isAllowed: Bool) {
        let hosts = AllowedHosts(port: 8080, names: ["bench.example"], isEncrypted: isEncrypted)
        #expect(hosts.allows(origin: origin, localAddress: localAddress) == isAllowed)
    }

    @Test func anOriginWithoutAPortHasThatOfItsScheme() {
        let encrypted = AllowedHosts(port: 443, names: [], isEncrypted: true)
        #expect(encrypted.allows(origin: "https://localhost", localAddress: Self.loopback))
        #expect(!encrypted.allows(origin: "http://localhost", localAddress: Self.loopback))
        let plain = AllowedHosts(port: 80, names: [], isEncrypted: false)
        #expect(plain.allows(origin: "http://localhost", localAddress: Self.loopback))
    }
}

import TCPWire
import Testing

@Suite struct IPv4PrefixTests {
    @Test(
        arguments: [
            ("127.0.0.0/8", "127.0.0.0", "127.255.255.255", "128.0.0.0"),
            ("192.0.2.0/24", "192.0.2.0", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.128/25", "192.0.2.128", "192.0.2.255", "192.0.2.127"),
            ("192.0.2.6/31", "192.0.2.6", "192.0.2.7", "192.0.2.5"),
            ("192.0.2.6/32", "192.0.2.6", "192.0.2.6", "192.0.2.7"),
            ("128.0.0.0/1", "128.0.0.0", "255.255.255.255", "127.255.255.255"),
        ])
    func containsItsBlockAndNoMore(text: String, first: String, last: String, outside: String) throws {
        let prefix = try #require(IPv4Prefix(text))
        let (first, last) = (try #require(IPv4Address(first)), try #require(IPv4Address(last)))
        let outside = try #require(IPv4Address(outside))
        #expect(prefix.description == text)
        #expect(prefix.contains(first))
        #expect(prefix.contains(last))
        #expect(!prefix.contains(outside))
    }

    @Test(arguments: ["0.0.0.0", "127.0.0.1", "255.255.255.255"])
    func containsEveryAddressInTheWholeSpace(text: String) throws {
        let everything = try #require(IPv4Prefix("0.0.0.0/0"))
        let address = try #require(IPv4Address(text))
        #expect(everything.contains(address))
    }

    @Test func readsABareAddressAsABlockOfOne() {
        #expect(IPv4Prefix("192.0.2.1") == IPv4Prefix("192.0.2.1/32"))
        #expect(IPv4Prefix("192.0.2.1")?.description == "192.0.2.1/32")
    }

    @Test(arguments: [
        "", "/", "/8", "127.0.0.0/", "127.0.0.0/33", "127.0.0.0/08", "127.0.0.0/00", "127.0.0.0/-1", "127.0.0.0/+8",
        "127.0.0.0/8/8", "127.0.0.0/ 8", "127.0.0.0/8 ", "127.0.0.0/100", "127/8", "127.0.0.1/8", "0.0.0.1/0",
        "192.0.2.7/31", "127.0.0.0/٨", "127.0.0.0/255.0.0.0",
    ])
    func refusesAnythingElse(text: String) {
        #expect(IPv4Prefix(text) == nil)
    }

    @Test(arguments: [-1, 33, Int.max, Int.min])
    func refusesALengthBeyondTheAddress(length: Int) {
        #expect(IPv4Prefix(address: .any, length: length) == nil)
    }
}

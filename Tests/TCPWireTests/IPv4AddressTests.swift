import TCPWire
import Testing

@Suite struct IPv4AddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("127.0.0.1", 0x7f00_0001), ("192.0.2.1", 0xc000_0201),
            ("255.255.255.255", 0xffff_ffff), ("1.20.255.9", 0x0114_ff09), ("10.0.0.100", 0x0a00_0064),
        ] as [(String, UInt32)])
    func readsAndWritesDottedQuads(text: String, value: UInt32) {
        #expect(IPv4Address(text)?.rawValue == value)
        #expect(IPv4Address(rawValue: value).description == text)
    }

    @Test(arguments: [
        "", ".", "...", "1", "1.2.3", "1.2.3.", ".1.2.3", "1.2.3.4.", "1.2.3.4.5", "1..2.3", "256.0.0.1", "1.2.3.256",
        "01.2.3.4", "1.2.3.04", "00.0.0.0", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "+1.2.3.4", "0x7f.0.0.1", "a.b.c.d",
        "1.2.3.4\0", "1,2,3,4", "１.2.3.4", "2130706433", "1.2.3.99999999999999999999", "::1", "127.0.0.1/8",
    ])
    func refusesAnythingElse(text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test func readsSubstrings() {
        #expect(IPv4Address("127.0.0.1:80".prefix(9)) == .loopback)
    }

    @Test(
        arguments: [
            ("126.255.255.255", false, false, false), ("127.0.0.0", true, false, false),
            ("127.255.255.255", true, false, false), ("128.0.0.0", false, false, false),
            ("223.255.255.255", false, false, false), ("224.0.0.0", false, true, false),
            ("239.255.255.255", false, true, false), ("240.0.0.0", false, false, false),
            ("255.255.255.254", false, false, false), ("255.255.255.255", false, false, true),
        ])
    func knowsItsBlock(text: String, isLoopback: Bool, isMulticast: Bool, isLimitedBroadcast: Bool) throws {
        let address = try #require(IPv4Address(text))
        #expect(address.isLoopback == isLoopback)
        #expect(address.isMulticast == isMulticast)
        #expect(address.isLimitedBroadcast == isLimitedBroadcast)
    }

    @Test func namesTwoAddresses() {
        #expect(IPv4Address.loopback.description == "127.0.0.1")
        #expect(IPv4Address.any.description == "0.0.0.0")
    }
}

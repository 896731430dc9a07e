import Testing

@testable import CaptureFile

@Suite struct LinkTypeTests {
    private static let addresses = [UInt8](repeating: 0xee, count: 12)
    private static let datagram: [UInt8] = [0x45, 0, 0, 20]

    @Test(
        arguments: [
            (.ipv4, [], 0), (.rawIP, [], 0), (.null, [2, 0, 0, 0], 4), (.null, [0, 0, 0, 2], 4),
            (.loop, [0, 0, 0, 2], 4),
            (.ethernet, addresses + [8, 0], 14), (.ethernet, addresses + [0x81, 0, 0, 5, 8, 0], 18),
            (.ethernet, addresses + [0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0], 22),
            (.linuxCooked, [UInt8](repeating: 0, count: 14) + [8, 0], 16),
            (.linuxCooked2, [8, 0] + [UInt8](repeating: 0, count: 18), 20),
        ] as [(LinkType, [UInt8], Int)])
    func findsTheDatagram(linkType: LinkType, header: [UInt8], expected: Int) {
        #expect(linkType.headerLength(of: (header + Self.datagram).span) == expected)
    }

    @Test(
        arguments: [
            (.ipv6, datagram), (.rawIP, [0x60, 0, 0, 0]), (.rawIP, []), (.null, [30, 0, 0, 0, 0x60]),
            (.null, [2, 0, 0]),
            (.ethernet, addresses + [0x86, 0xdd, 0x60]), (.ethernet, addresses + [8]), (.ethernet, []),
            (.ethernet, addresses + [UInt8](repeating: 0x81, count: 60)),
            (.linuxCooked, [UInt8](repeating: 0, count: 14) + [0x86, 0xdd]), (.linuxCooked, []),
            (.linuxCooked2, [8, 0, 0]), (.linuxCooked2, [UInt8](repeating: 0, count: 20)),
        ] as [(LinkType, [UInt8])])
    func passesOverWhatIsNoDatagram(linkType: LinkType, packet: [UInt8]) {
        #expect(linkType.headerLength(of: packet.span) == nil)
    }
}

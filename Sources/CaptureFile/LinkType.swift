import TCPWire

/// What a packet begins with (https://www.tcpdump.org/linktypes.html).
package enum LinkType: Hashable, Sendable, CaseIterable {
    /// A loopback device's header: the address family in the byte order of whoever captured.
    case null
    case ethernet
    /// An IP header, of version 4 or 6.
    case rawIP
    /// The same as ``null``, in network byte order.
    case loop
    case linuxCooked
    case ipv4
    case ipv6
    case linuxCooked2

    /// The type of a LINKTYPE number; the raw ones have had several.
    init?(number: UInt16) {
        switch number {
        case 0: self = .null
        case 1: self = .ethernet
        case 12, 14, 101: self = .rawIP
        case 108: self = .loop
        case 113: self = .linuxCooked
        case 228: self = .ipv4
        case 229: self = .ipv6
        case 276: self = .linuxCooked2
        default: return nil
        }
    }

    private static let internetProtocol: UInt16 = 0x0800
    /// Tags of virtual networks, which may stand before the type (IEEE 802.1Q).
    private static let tags: [UInt16] = [0x8100, 0x88a8, 0x9100]
    private static let maximumTags = 4

    /// How many octets of a packet come before its IPv4 datagram; `nil` when it carries none.
    package func headerLength(of packet: Span<UInt8>) -> Int? {
        switch self {
        case .ipv4: 0
        case .ipv6: nil
        case .rawIP: packet.count > 0 && packet[0] >> 4 == 4 ? 0 : nil
        case .null, .loop:
            // 2 is AF_INET everywhere; in which order it was written cannot be known.
            packet.count >= 4 && [2, 0x0200_0000].contains(packet.bigEndianUInt32(at: 0)) ? 4 : nil
        case .linuxCooked: Self.isInternet(packet, typeAt: 14) ? 16 : nil
        case .linuxCooked2: Self.isInternet(packet, typeAt: 0) && packet.count >= 20 ? 20 : nil
        case .ethernet: Self.ethernetHeaderLength(of: packet)
        }
    }

    private static func isInternet(_ packet: Span<UInt8>, typeAt offset: Int) -> Bool {
        packet.count >= offset + 2 && packet.bigEndianUInt16(at: offset) == internetProtocol
    }

    private static func ethernetHeaderLength(of packet: Span<UInt8>) -> Int? {
        var offset = 12
        for _ in 0...maximumTags {
            guard packet.count >= offset + 2 else { return nil }
            let type = packet.bigEndianUInt16(at: offset)
            if type == internetProtocol { return offset + 2 }
            guard tags.contains(type) else { return nil }
            offset += 4
        }
        return nil
    }
}

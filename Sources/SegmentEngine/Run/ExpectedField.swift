import TCPWire

/// A field of a datagram that an expectation may name, by the name it has in JSON.
package enum ExpectedField: String, CaseIterable, Sendable {
    case sourcePort, destinationPort, sequenceNumber, acknowledgmentNumber
    case dataOffset, reservedBits, window, checksum, urgentPointer
    case source = "ip.source"
    case destination = "ip.destination"
    case timeToLive = "ip.timeToLive"
    case dscp = "ip.dscp"
    case ecn = "ip.ecn"
    case identification = "ip.identification"
    case reservedFlag = "ip.reservedFlag"
    case dontFragment = "ip.dontFragment"
    case moreFragments = "ip.moreFragments"
    case fragmentOffset = "ip.fragmentOffset"
    /// In octets.
    case headerLength = "ip.headerLength"
    case totalLength = "ip.totalLength"

    /// Those of the TCP header, and those of the IPv4 header.
    package static let ofSegment = allCases.filter { !$0.isInternet }
    package static let ofInternetHeader = allCases.filter(\.isInternet)

    package var isInternet: Bool { rawValue.hasPrefix("ip.") }

    /// Whether it is an address.
    package var isAddress: Bool { self == .source || self == .destination }

    /// Whether it is one bit.
    package var isFlag: Bool { self == .reservedFlag || self == .dontFragment || self == .moreFragments }

    /// Whether it counts octets of a connection, modulo 2³², and may be taken from a received segment.
    package var isSequence: Bool { self == .sequenceNumber || self == .acknowledgmentNumber }

    /// The largest value it holds.
    package var maximum: UInt64 { self == .headerLength ? 60 : place(headerLength: 0).maximum }

    /// The name without the header it is in.
    package var lastName: String { String(rawValue.split(separator: ".").last ?? "") }

    /// Its value in a datagram; `nil` when the datagram ends before it.
    package func value(in datagram: Span<UInt8>) -> UInt64? {
        guard let header = try? IPv4HeaderView(datagram) else { return nil }
        let place = place(headerLength: header.headerLength)
        let end = isInternet ? header.headerLength : header.headerLength + header.payload.count
        guard place.offset + place.width <= end else { return nil }
        let value = place.value(in: datagram)
        return self == .headerLength ? value * 4 : value
    }

    private func place(headerLength: Int) -> VariedField.Place {
        switch self {
        case .reservedFlag: VariedField.Place(offset: 6, width: 1, shift: 7, maximum: 1)
        case .dontFragment: VariedField.Place(offset: 6, width: 1, shift: 6, maximum: 1)
        case .moreFragments: VariedField.Place(offset: 6, width: 1, shift: 5, maximum: 1)
        case .headerLength: VariedField.Place(offset: 0, width: 1, maximum: 0xf)
        case .totalLength: VariedField.Place(offset: 2, width: 2, maximum: 0xffff)
        default: varied.place(headerLength: headerLength, payloadOffset: headerLength)
        }
    }

    private var varied: VariedField {
        switch self {
        case .sourcePort: .sourcePort
        case .destinationPort: .destinationPort
        case .sequenceNumber: .sequenceNumber
        case .acknowledgmentNumber: .acknowledgmentNumber
        case .dataOffset: .dataOffset
        case .reservedBits: .reservedBits
        case .window: .window
        case .checksum: .checksum
        case .urgentPointer: .urgentPointer
        case .source: .source
        case .destination: .destination
        case .timeToLive: .timeToLive
        case .dscp: .dscp
        case .ecn: .ecn
        case .identification: .identification
        case .fragmentOffset, .reservedFlag, .dontFragment, .moreFragments, .headerLength, .totalLength:
            .fragmentOffset
        }
    }
}

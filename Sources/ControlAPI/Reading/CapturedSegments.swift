import CaptureFile
import CaptureFilter
import SegmentEngine
import TCPWire

/// The TCP segments of a capture file, and what else there was.
struct CapturedSegments {
    /// One of them, whole.
    struct Segment {
        /// Where the datagram is in the file.
        var octets: Range<Int>
        /// Nanoseconds since 1970; `nil` where the file gives no times.
        var timestampNanoseconds: UInt64?
        var source: TransportAddress
        var destination: TransportAddress

        var connection: Connection { Connection(source, destination) }
    }

    /// Two sides that exchange segments, in no order.
    struct Connection: Hashable, CustomStringConvertible {
        let first: TransportAddress
        let second: TransportAddress

        init(_ one: TransportAddress, _ other: TransportAddress) {
            let isInOrder = (one.address.rawValue, one.port) <= (other.address.rawValue, other.port)
            (first, second) = isInOrder ? (one, other) : (other, one)
        }

        var description: String { "\(first) and \(second)" }
    }

    static let maximumPackets = 100_000

    private(set) var segments: [Segment] = []
    private(set) var summary = ReplaySummary()
    /// Who opened each connection, as far as the file shows it.
    private(set) var clients: [Connection: TransportAddress] = [:]
    /// Those of whom that is known by a SYN.
    private var opened: Set<Connection> = []

    init(in file: [UInt8], passing filter: CaptureFilter?) throws(CaptureFileError) {
        let packets = try CaptureFileReader.packets(in: file, atMost: Self.maximumPackets)
        summary.packets = packets.count
        for packet in packets {
            if let reason = take(packet, of: file, passing: filter) { summary.skip(reason) }
        }
    }

    /// Takes a packet in if it is a whole segment, or says why it is not taken.
    private mutating func take(
        _ packet: CapturedPacket, of file: [UInt8], passing filter: CaptureFilter?
    ) -> ReplaySummary.Reason? {
        guard let start = packet.linkType.headerLength(of: file.span.extracting(packet.octets)) else {
            return .notIPv4
        }
        let place = packet.octets.lowerBound + start..<packet.octets.upperBound
        let datagram = file.span.extracting(place)
        guard let header = try? IPv4HeaderView(datagram), header.version == 4 else {
            return packet.isCut ? .cut : .malformed
        }
        guard header.protocolNumber == 6 else { return .notTCP }
        guard !header.moreFragments, header.fragmentOffset == 0 else { return .fragment }
        let length = Int(header.totalLength)
        guard length <= datagram.count else { return .cut }
        let segment = header.payload
        guard length >= header.headerLength, segment.count >= 4 else { return .malformed }
        if let filter, !filter.admits(datagram.extracting(first: length)) { return .filtered }
        let taken = Segment(
            octets: place.prefix(length), timestampNanoseconds: packet.timestampNanoseconds,
            source: TransportAddress(address: header.source, port: segment.bigEndianUInt16(at: 0)),
            destination: TransportAddress(address: header.destination, port: segment.bigEndianUInt16(at: 2)))
        segments.append(taken)
        note(taken, flags: segment.count >= 14 ? TCPFlags(rawValue: segment[13]) : [])
        return nil
    }

    /// Learns from a segment who opened its connection.
    private mutating func note(_ segment: Segment, flags: TCPFlags) {
        let connection = segment.connection
        if flags.contains(.syn), opened.insert(connection).inserted {
            clients[connection] = flags.contains(.ack) ? segment.destination : segment.source
        } else if clients[connection] == nil {
            clients[connection] = segment.source
        }
    }
}

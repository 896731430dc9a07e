import JSONText
import TCPWire

/// Which octets of a datagram hold which field.
struct FieldMap {
    private struct Field {
        var name: String
        var offset: Int
        var length: Int
    }

    /// Names and lengths of the fields before the options, in octets; flags share octets with their neighbours.
    private static let internetFields = [
        ("ip.version+headerLength", 1), ("ip.dscp+ecn", 1), ("ip.totalLength", 2), ("ip.identification", 2),
        ("ip.flags+fragmentOffset", 2), ("ip.timeToLive", 1), ("ip.protocol", 1), ("ip.checksum", 2),
        ("ip.source", 4), ("ip.destination", 4),
    ]
    private static let segmentFields = [
        ("sourcePort", 2), ("destinationPort", 2), ("sequenceNumber", 4), ("acknowledgmentNumber", 4),
        ("dataOffset+reservedBits", 1), ("flags", 1), ("window", 2), ("checksum", 2), ("urgentPointer", 2),
    ]

    private var fields: [Field] = []
    private var end = 0
    private let count: Int

    /// A map of a datagram, as far as it goes.
    init(of datagram: Span<UInt8>) {
        count = datagram.count
        guard let header = try? IPv4HeaderView(datagram) else { return }
        for (name, length) in Self.internetFields {
            append(name, length)
        }
        append("ip.options", header.options.count)
        let segment = TCPSegment(copying: header.payload)
        for (name, length) in Self.segmentFields {
            append(name, length)
        }
        for option in TCPOption.parse(segment.options.span).options {
            append("options.\(option.kindName ?? String(option.kind))", option.encodedLength)
        }
        append("payload", segment.payload.count)
    }

    /// Writes the map as the member `fields`.
    func write(to json: inout JSONWriter) {
        json.key("fields")
        json.beginArray()
        for field in fields {
            json.beginObject()
            json.member("name", field.name)
            json.member("offset", field.offset)
            json.member("length", field.length)
            json.endObject()
        }
        json.endArray()
    }

    /// Adds a field, or as much of it as is there.
    private mutating func append(_ name: String, _ length: Int) {
        let present = min(length, count - end)
        guard present > 0 else { return }
        fields.append(Field(name: name, offset: end, length: present))
        end += present
    }
}

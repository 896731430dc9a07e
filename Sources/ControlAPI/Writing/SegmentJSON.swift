import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// Writes captured segments, one after the other, in place: nothing is copied but into the text.
struct SegmentJSON {
    /// Room that is enough for most segments with short payloads, in octets.
    static let usualLength = 1024

    private let directory: EndpointDirectory
    /// The endpoint of the latest segment, which the next one is likely to share.
    private var latest: (serial: UInt32, name: String?)?

    /// Names endpoints by their serial numbers.
    init(directory: EndpointDirectory) {
        self.directory = directory
    }

    /// Writes one segment; with its octets when `isWhole`.
    mutating func write(
        _ item: CapturePage.Item, of page: CapturePage, to json: inout JSONWriter, isWhole: Bool = false
    ) {
        let octets = page.datagram(item)
        json.beginObject()
        json.member("id", item.number)
        json.member("endpoint", name(of: item.record.endpoint))
        json.member("direction", word: Self.direction(of: item.record.kind))
        json.member("timestamp", time: item.record.timestampNanoseconds)
        if let report = item.record.report { Self.write(report, to: &json) }
        Self.writeContent(of: octets, to: &json)
        if isWhole {
            json.member("octets", hexadecimal: octets)
            FieldMap(of: octets).write(to: &json)
        }
        json.endObject()
    }

    /// Writes the members that are read from a datagram's octets.
    static func writeContent(of octets: Span<UInt8>, to json: inout JSONWriter) {
        if let header = try? IPv4HeaderView(octets) {
            write(header, to: &json)
            write(
                header.payload, ChecksumVerdict(of: header.payload, from: header.source, to: header.destination),
                to: &json)
        }
        json.key("malformed")
        json.beginArray()
        for reason in Malformation.reasons(in: octets) {
            json.value(reason.rawValue)
        }
        json.endArray()
    }

    private mutating func name(of serial: UInt32) -> String? {
        if let latest, latest.serial == serial { return latest.name }
        let name = directory.name(of: serial)
        latest = (serial: serial, name: name)
        return name
    }

    static func direction(of kind: CaptureRecord.Kind) -> StaticString {
        switch kind {
        case .sent: "sent"
        case .error: "error"
        case .received, .loss: "received"
        }
    }

    private static func write(_ report: CaptureRecord.NetworkReport, to json: inout JSONWriter) {
        json.key("error")
        json.beginObject()
        json.member("icmpType", report.type)
        json.member("icmpCode", report.code)
        if report.offender == 0 {
            json.member("offender", nil as String?)
        } else {
            json.member("offender", IPv4Address(rawValue: report.offender))
        }
        json.member("errno", Errno(rawValue: report.errno).name)
        if report.mtu != 0 { json.member("mtu", report.mtu) }
        json.endObject()
    }

    private static func write(_ header: IPv4HeaderView, to json: inout JSONWriter) {
        json.key("ip")
        json.beginObject()
        json.member("source", header.source)
        json.member("destination", header.destination)
        json.member("timeToLive", header.timeToLive)
        json.member("dscp", header.dscp)
        json.member("ecn", header.ecn)
        json.member("identification", header.identification)
        if header.reservedFlag { json.member("reservedFlag", true) }
        json.member("dontFragment", header.dontFragment)
        json.member("moreFragments", header.moreFragments)
        json.member("fragmentOffset", header.fragmentOffset)
        let options = header.options
        if options.isEmpty {
            json.member("options", nil as String?)
        } else {
            json.member("options", hexadecimal: options)
        }
        json.member("headerLength", header.headerLength)
        json.member("totalLength", header.totalLength)
        json.endObject()
    }

    /// Writes a segment, whatever arrived as one; of a header that is cut off, what is missing reads as zero.
    private static func write(_ segment: Span<UInt8>, _ verdict: ChecksumVerdict?, to json: inout JSONWriter) {
        let minimum = TCPSegmentView.minimumHeaderLength
        guard segment.count < minimum else {
            write(header: segment, following: segment, verdict, to: &json)
            return
        }
        let extended = [UInt8](capacity: minimum) { output in
            output.append(copying: segment)
            output.append(repeating: 0, count: minimum - segment.count)
        }
        write(header: extended.span, following: segment, verdict, to: &json)
        json.member("truncate", segment.count)
    }

    /// Writes the fixed fields from `header`, which holds at least 20 octets, and the rest from `segment`.
    private static func write(
        header: Span<UInt8>, following segment: Span<UInt8>, _ verdict: ChecksumVerdict?, to json: inout JSONWriter
    ) {
        let dataOffset = header[12] >> 4
        json.member("sourcePort", header.bigEndianUInt16(at: 0))
        json.member("destinationPort", header.bigEndianUInt16(at: 2))
        json.member("sequenceNumber", header.bigEndianUInt32(at: 4))
        json.member("acknowledgmentNumber", header.bigEndianUInt32(at: 8))
        json.member("dataOffset", dataOffset)
        json.member("reservedBits", header[12] & 0x0f)
        json.member("flags", TCPFlags(rawValue: header[13]))
        json.member("window", header.bigEndianUInt16(at: 14))
        json.member("urgentPointer", header.bigEndianUInt16(at: 18))
        json.key("checksum")
        if segment.count > 16 {
            json.beginObject()
            json.member("value", header.bigEndianUInt16(at: 16))
            // One that is cut off is shown, to be sent again, but is neither right nor wrong.
            if let verdict {
                json.member("status", verdict.status.rawValue)
                json.member("expected", verdict.expected)
            } else {
                json.member("status", nil as String?)
                json.member("expected", nil as String?)
            }
            json.endObject()
        } else {
            json.null()
        }
        // A data offset that cannot be right leaves no options, and all behind the fixed fields is payload.
        let minimum = min(segment.count, TCPSegmentView.minimumHeaderLength)
        let claimed = Int(dataOffset) * 4
        let headerLength = claimed > minimum && claimed <= segment.count ? claimed : minimum
        json.key("options")
        OptionJSON.write(segment.extracting(minimum..<headerLength), to: &json)
        json.key("payload")
        write(payload: segment.extracting(headerLength...), to: &json)
    }

    private static func write(payload: Span<UInt8>, to json: inout JSONWriter) {
        json.beginObject()
        json.member("length", payload.count)
        if PrintableText.isPrintable(payload) {
            json.key("text")
            json.value(text: payload)
        }
        json.member("base64", base64: payload)
        json.endObject()
    }
}

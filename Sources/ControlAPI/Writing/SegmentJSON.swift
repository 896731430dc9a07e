import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// Writes captured segments.
struct SegmentJSON {
    /// Names endpoints by their serial numbers.
    let directory: EndpointDirectory

    /// Writes one segment; with its octets when `isWhole`.
    func write(_ item: CapturePage.Item, of page: CapturePage, to json: inout JSONWriter, isWhole: Bool = false) {
        let octets = page.datagram(item)
        json.beginObject()
        json.member("id", item.number)
        json.member("endpoint", directory.name(of: item.record.endpoint))
        json.member("direction", Self.direction(of: item.record.kind))
        json.member("timestamp", Timestamp.text(item.record.timestampNanoseconds))
        if let report = item.record.report { Self.write(report, to: &json) }
        Self.writeContent(of: octets, to: &json)
        if isWhole {
            json.member("octets", Hexadecimal.text(octets))
            FieldMap(of: octets).write(to: &json)
        }
        json.endObject()
    }

    /// Writes the members that are read from a datagram's octets.
    static func writeContent(of octets: Span<UInt8>, to json: inout JSONWriter) {
        if let header = try? IPv4HeaderView(octets) {
            write(header, to: &json)
            let segment = TCPSegment(copying: header.payload)
            let verdict = ChecksumVerdict(of: header.payload, from: header.source, to: header.destination)
            write(segment, verdict, to: &json)
        }
        json.key("malformed")
        json.beginArray()
        for reason in Malformation.reasons(in: octets) {
            json.value(reason.rawValue)
        }
        json.endArray()
    }

    static func direction(of kind: CaptureRecord.Kind) -> String {
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
        json.member("offender", report.offender == 0 ? nil : IPv4Address(rawValue: report.offender).description)
        json.member("errno", Errno(rawValue: report.errno).name)
        if report.mtu != 0 { json.member("mtu", report.mtu) }
        json.endObject()
    }

    private static func write(_ header: IPv4HeaderView, to json: inout JSONWriter) {
        json.key("ip")
        json.beginObject()
        json.member("source", header.source.description)
        json.member("destination", header.destination.description)
        json.member("timeToLive", header.timeToLive)
        json.member("dscp", header.dscp)
        json.member("ecn", header.ecn)
        json.member("identification", header.identification)
        if header.reservedFlag { json.member("reservedFlag", true) }
        json.member("dontFragment", header.dontFragment)
        json.member("moreFragments", header.moreFragments)
        json.member("fragmentOffset", header.fragmentOffset)
        let options = header.options
        json.member("options", options.isEmpty ? nil as String? : Hexadecimal.text(options))
        json.member("headerLength", header.headerLength)
        json.member("totalLength", header.totalLength)
        json.endObject()
    }

    private static func write(_ segment: TCPSegment, _ verdict: ChecksumVerdict?, to json: inout JSONWriter) {
        json.member("sourcePort", segment.sourcePort)
        json.member("destinationPort", segment.destinationPort)
        json.member("sequenceNumber", segment.sequenceNumber.rawValue)
        json.member("acknowledgmentNumber", segment.acknowledgmentNumber.rawValue)
        json.member("dataOffset", segment.dataOffset ?? UInt8(5 + segment.options.count / 4))
        json.member("reservedBits", segment.reservedBits)
        json.member("flags", segment.flags)
        json.member("window", segment.window)
        json.member("urgentPointer", segment.urgentPointer)
        json.key("checksum")
        if case .given(let value) = segment.checksum, segment.encodedLength > 16 {
            json.beginObject()
            json.member("value", value)
            // One that is cut off is shown, to be sent again, but is neither right nor wrong.
            json.member("status", verdict?.status.rawValue)
            json.member("expected", verdict?.expected)
            json.endObject()
        } else {
            json.null()
        }
        json.key("options")
        OptionJSON.write(segment.options, to: &json)
        json.key("payload")
        json.beginObject()
        json.member("length", segment.payload.count)
        if let text = PrintableText.of(segment.payload) {
            json.member("text", text)
        }
        json.member("base64", Base64.text(segment.payload.span))
        json.endObject()
        if let length = segment.truncatedLength {
            json.member("truncate", length)
        }
    }
}

extension JSONWriter {
    mutating func member(_ key: StaticString, _ flags: TCPFlags) {
        self.key(key)
        beginArray()
        for name in flags.names {
            value(name)
        }
        endArray()
    }
}

import JSONText
import SegmentEngine
import TCPWire

/// Writes segments to send, without what is as it is by itself, so that they can be posted again.
enum TemplateJSON {
    static func write(_ segment: SegmentTemplate, to json: inout JSONWriter) {
        json.beginObject()
        if let port = segment.sourcePort { json.member("sourcePort", port) }
        if let port = segment.destinationPort { json.member("destinationPort", port) }
        write("sequenceNumber", segment.sequenceNumber, to: &json)
        write("acknowledgmentNumber", segment.acknowledgmentNumber, to: &json)
        if let dataOffset = segment.dataOffset { json.member("dataOffset", dataOffset) }
        if segment.reservedBits != 0 { json.member("reservedBits", segment.reservedBits) }
        json.member("flags", segment.flags)
        json.member("window", segment.window)
        switch segment.checksum {
        case .correct: break
        case .incorrect: json.member("checksum", "incorrect")
        case .given(let value): json.member("checksum", value)
        }
        if segment.urgentPointer != 0 { json.member("urgentPointer", segment.urgentPointer) }
        if !segment.options.isEmpty {
            json.key("options")
            OptionJSON.write(segment.options.span, signedBy: segment.signatureKey, to: &json)
            if !segment.options.count.isMultiple(of: 4) { json.member("padOptions", false) }
        }
        if !segment.payload.isEmpty {
            json.key("payload")
            writePayload(segment.payload, to: &json)
        }
        if let length = segment.truncatedLength { json.member("truncate", length) }
        if segment.ip != SegmentTemplate.InternetHeader() {
            json.key("ip")
            write(segment.ip, to: &json)
        }
        json.endObject()
    }

    /// Writes octets as text where they are, else as hexadecimal digits.
    static func writePayload(_ octets: [UInt8], to json: inout JSONWriter) {
        if let text = PrintableText.of(octets) {
            json.value(text)
        } else {
            json.beginObject()
            json.member("hex", hexadecimal: octets.span)
            json.endObject()
        }
    }

    private static func write(_ key: StaticString, _ number: NumberSource, to json: inout JSONWriter) {
        switch number {
        case .value(0): break
        case .value(let value): json.member(key, value)
        case .received(let name, let plus):
            json.key(key)
            json.beginObject()
            json.member("received", name.rawValue)
            if plus != 0 { json.member("plus", Int32(bitPattern: plus)) }
            json.endObject()
        case .step(let reference):
            json.key(key)
            json.beginObject()
            json.member("received", reference.number.rawValue)
            json.member("step", reference.step)
            if reference.plus != 0 { json.member("plus", Int32(bitPattern: reference.plus)) }
            json.endObject()
        }
    }

    private static func write(_ header: SegmentTemplate.InternetHeader, to json: inout JSONWriter) {
        let ordinary = SegmentTemplate.InternetHeader()
        json.beginObject()
        if let source = header.source { json.member("source", source) }
        if let destination = header.destination { json.member("destination", destination) }
        if header.timeToLive != ordinary.timeToLive { json.member("timeToLive", header.timeToLive) }
        if header.dscp != 0 { json.member("dscp", header.dscp) }
        if header.ecn != 0 { json.member("ecn", header.ecn) }
        if let identification = header.identification { json.member("identification", identification) }
        if header.reservedFlag { json.member("reservedFlag", true) }
        if !header.dontFragment { json.member("dontFragment", false) }
        if header.moreFragments { json.member("moreFragments", true) }
        if header.fragmentOffset != 0 { json.member("fragmentOffset", header.fragmentOffset) }
        if !header.options.isEmpty { json.member("options", hexadecimal: header.options.span) }
        json.endObject()
    }
}

import JSONText
import SegmentEngine
import TCPWire

/// Reads a segment to send, or one as it was received.
struct SegmentReader {
    /// Whether numbers may be taken from a segment that is answered.
    let answers: Bool
    /// The steps before, in a run; numbers may be taken from the segments that they took.
    var steps: StepNumberReader?

    func segment(_ reader: FieldReader) -> SegmentTemplate {
        guard let object = reader.object() else { return SegmentTemplate() }
        defer { object.reportUnknown() }
        return segment(object)
    }

    /// Reads the members of an object that may have others.
    func segment(_ object: ObjectReader) -> SegmentTemplate {
        var segment = SegmentTemplate()
        object.ignore("id", "endpoint", "direction", "timestamp", "malformed", "octets", "fields", "error")

        segment.sourcePort = object["sourcePort"]?.integer(as: UInt16.self)
        segment.destinationPort = object["destinationPort"]?.integer(as: UInt16.self)
        segment.sequenceNumber = object["sequenceNumber"].map(number) ?? segment.sequenceNumber
        segment.acknowledgmentNumber = object["acknowledgmentNumber"].map(number) ?? segment.acknowledgmentNumber
        segment.dataOffset = object["dataOffset"]?.integer(in: 0...15).map { UInt8($0) }
        segment.reservedBits = UInt8(object["reservedBits"]?.integer(in: 0...15) ?? 0)
        segment.flags = object["flags"]?.flags() ?? []
        segment.window = object["window"]?.integer(as: UInt16.self) ?? segment.window
        segment.checksum = object["checksum"].map(checksum) ?? .correct
        segment.urgentPointer = object["urgentPointer"]?.integer(as: UInt16.self) ?? 0
        let isPadded = object["padOptions"]?.bool() ?? true
        if let options = object["options"].map({ OptionReader.options($0, padded: isPadded) }) {
            segment.options = options.octets
            segment.signatureKey = options.key
        }
        segment.payload = object["payload"].map(PayloadReader.octets) ?? []
        segment.truncatedLength = object["truncate"]?.integer(in: 0...TCPSegment.maximumLength)
        if let header = object["ip"]?.object() {
            segment.ip = internetHeader(header)
        }
        return segment
    }

    private func number(_ reader: FieldReader) -> NumberSource {
        guard case .object = reader.value, let object = reader.object() else {
            return .value(reader.integer(as: UInt32.self) ?? 0)
        }
        if let steps { return steps.number(object, at: reader).map(NumberSource.step) ?? .value(0) }
        defer { object.reportUnknown() }
        let name = object["received"]?.choice(ReceivedNumber.self)
        let plus = object["plus"]?.integer(in: -(1 << 31)...Int(UInt32.max)) ?? 0
        guard answers else {
            reader.report("there is no received segment to take a number from, only replies of rules have one")
            return .value(0)
        }
        guard let name else {
            if !object.has("received") { reader.report("must have \"received\"") }
            return .value(0)
        }
        return .received(name, plus: UInt32(truncatingIfNeeded: plus))
    }

    private func checksum(_ reader: FieldReader) -> ChecksumChoice {
        switch reader.value {
        case .string("correct"): return .correct
        case .string("incorrect"): return .incorrect
        case .object:
            guard let object = reader.object() else { return .correct }
            defer { object.reportUnknown() }
            object.ignore("status", "expected")
            return object["value"]?.integer(as: UInt16.self).map(ChecksumChoice.given) ?? .correct
        default: return reader.integer(as: UInt16.self).map(ChecksumChoice.given) ?? .correct
        }
    }

    private func internetHeader(_ object: ObjectReader) -> SegmentTemplate.InternetHeader {
        var header = SegmentTemplate.InternetHeader()
        defer { object.reportUnknown() }
        object.ignore("headerLength", "totalLength")

        header.source = object["source"]?.address()
        header.destination = object["destination"]?.address()
        header.timeToLive = object["timeToLive"]?.integer(as: UInt8.self) ?? header.timeToLive
        header.dscp = UInt8(object["dscp"]?.integer(in: 0...63) ?? 0)
        header.ecn = UInt8(object["ecn"]?.integer(in: 0...3) ?? 0)
        header.identification = object["identification"]?.integer(as: UInt16.self)
        header.reservedFlag = object["reservedFlag"]?.bool() ?? false
        header.dontFragment = object["dontFragment"]?.bool() ?? header.dontFragment
        header.moreFragments = object["moreFragments"]?.bool() ?? false
        header.fragmentOffset = UInt16(object["fragmentOffset"]?.integer(in: 0...8191) ?? 0)
        header.options = object["options"].map(InternetOptionReader.octets) ?? []

        if header.source == .any {
            object["source"]?.report("0.0.0.0 would be replaced by the kernel; leave it out for the endpoint's address")
        }
        if header.identification == 0, !header.dontFragment {
            object["identification"]?.report(
                "0 would be replaced by the kernel where dontFragment is false; use 1…65535, or leave it out")
        }
        return header
    }
}

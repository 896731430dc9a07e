import JSONText
import TCPWire

/// Reads TCP options as the API writes them.
struct OptionReader {
    private static let names = [
        "endOfOptionList", "noOperation", "maximumSegmentSize", "windowScale", "sackPermitted", "sack", "timestamps",
        "fastOpenCookie", "md5Signature", "authentication", "multipath",
    ]

    /// The octets of a list of options, padded to 32 bits.
    static func octets(_ reader: FieldReader) -> [UInt8] {
        guard let elements = reader.array(upTo: TCPOption.maximumEncodedLength) else { return [] }
        let options = elements.compactMap { $0.object().flatMap(option) }
        do throws(WireError) {
            return try TCPOption.encode(options)
        } catch {
            reader.report("\(error)")
            return []
        }
    }

    private static func option(_ object: ObjectReader) -> TCPOption? {
        defer { object.reportUnknown() }
        guard let kind = object["kind"] else {
            object.violations.add("is missing", at: object.pointer.appending("kind"))
            return nil
        }
        if case .string(let name) = kind.value, names.contains(name) {
            return named(name, object)
        }
        if case .string(let name) = kind.value, !name.lowercased().hasPrefix("0x"), Int(name) == nil {
            kind.reportUnknown(name, among: names + ["a number in 0…255"])
            return nil
        }
        return kind.integer(as: UInt8.self).flatMap { raw(kind: $0, object) }
    }

    private static func named(_ name: String, _ object: ObjectReader) -> TCPOption? {
        switch name {
        case "endOfOptionList": .endOfOptionList
        case "noOperation": .noOperation
        case "maximumSegmentSize": .maximumSegmentSize(number("value", object))
        case "windowScale": .windowScale(number("shift", object))
        case "sackPermitted": .sackPermitted
        case "sack": .sack(blocks(object))
        case "timestamps": .timestamps(value: number("value", object), echoReply: number("echoReply", object))
        case "fastOpenCookie": .fastOpenCookie(octets("cookie", object))
        case "md5Signature": md5Signature(object)
        case "authentication":
            .authentication(
                keyID: number("keyID", object), nextKeyID: number("nextKeyID", object), code: octets("code", object))
        default: .multipath(octets("data", object))
        }
    }

    private static func raw(kind: UInt8, _ object: ObjectReader) -> TCPOption {
        let data = object["data"]?.hexadecimal() ?? []
        // The two kinds of one octet have no length; others may lose theirs at the end of the header.
        let hasLength = object["withoutLength"]?.bool() != true && kind > TCPOption.Kind.noOperation
        let given = object["length"]?.integer(as: UInt8.self)
        guard hasLength else { return .raw(kind: kind, length: nil, data: data) }
        return .raw(kind: kind, length: given ?? UInt8(clamping: data.count + 2), data: data)
    }

    private static func blocks(_ object: ObjectReader) -> [SACKBlock] {
        guard let elements = required("blocks", object)?.array(upTo: TCPOption.maximumEncodedLength) else { return [] }
        return elements.compactMap { element in
            guard let block = element.object() else { return nil }
            defer { block.reportUnknown() }
            return SACKBlock(
                leftEdge: SequenceNumber(rawValue: number("leftEdge", block)),
                rightEdge: SequenceNumber(rawValue: number("rightEdge", block)))
        }
    }

    private static func md5Signature(_ object: ObjectReader) -> TCPOption {
        let digest = octets("digest", object)
        if digest.count != 16, let reader = object["digest"] {
            reader.report("has \(digest.count) octets, must have 16")
        }
        return .md5Signature(digest)
    }

    private static func number<Value: FixedWidthInteger>(_ key: String, _ object: ObjectReader) -> Value {
        guard let reader = required(key, object) else { return 0 }
        return reader.integer(as: Value.self) ?? 0
    }

    private static func octets(_ key: String, _ object: ObjectReader) -> [UInt8] {
        required(key, object)?.hexadecimal() ?? []
    }

    /// A member that must be there; reports one that is not.
    private static func required(_ key: String, _ object: ObjectReader) -> FieldReader? {
        let reader = object[key]
        if reader == nil {
            object.violations.add("is missing", at: object.pointer.appending(key))
        }
        return reader
    }
}

import JSONText
import TCPWire

/// Reads the options of an IPv4 header (RFC 791 §3.1), as hexadecimal digits or one by one.
enum InternetOptionReader {
    private static let maximumLength = 40
    private static let names = ["endOfOptionList", "noOperation", "recordRoute", "timestamp", "routerAlert"]

    /// The octets of the options, padded to 32 bits when they are given one by one.
    static func octets(_ reader: FieldReader) -> [UInt8] {
        let octets: [UInt8]
        if reader.isList {
            let options = reader.array(upTo: maximumLength)?.flatMap(option) ?? []
            octets = options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
        } else {
            octets = reader.hexadecimal() ?? []
        }
        guard octets.count <= maximumLength, octets.count.isMultiple(of: 4) else {
            reader.report("has \(octets.count) octets, must have a multiple of 4 up to \(maximumLength)")
            return []
        }
        return octets
    }

    private static func option(_ reader: FieldReader) -> [UInt8] {
        guard let object = reader.object() else { return [] }
        defer { object.reportUnknown() }
        guard let kind = object["kind"] else {
            object.violations.add("is missing", at: object.pointer.appending("kind"))
            return []
        }
        guard case .string(let name) = kind.value, !name.lowercased().hasPrefix("0x"), Int(name) == nil else {
            return kind.integer(as: UInt8.self).map { raw(kind: $0, object) } ?? []
        }
        switch name {
        case "endOfOptionList": return [0]
        case "noOperation": return [1]
        case "recordRoute": return slots(of: 4, upTo: 9, in: object, after: [7], pointer: [4])
        // Timestamps only: overflow and flag are 0 (RFC 791 §3.1).
        case "timestamp": return slots(of: 4, upTo: 9, in: object, after: [68], pointer: [5, 0])
        case "routerAlert":
            let value = object["value"]?.integer(as: UInt16.self) ?? 0
            return [148, 4, UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
        default:
            kind.reportUnknown(name, among: names + ["a number in 0…255"])
            return []
        }
    }

    /// An option with empty places that routers fill in.
    private static func slots(
        of width: Int, upTo limit: Int, in object: ObjectReader, after kind: [UInt8], pointer: [UInt8]
    ) -> [UInt8] {
        let count = object["slots"]?.integer(in: 0...limit) ?? limit
        let length = kind.count + 1 + pointer.count + width * count
        return kind + [UInt8(length)] + pointer + [UInt8](repeating: 0, count: width * count)
    }

    private static func raw(kind: UInt8, _ object: ObjectReader) -> [UInt8] {
        let data = object["data"]?.hexadecimal() ?? []
        let given = object["length"]?.integer(as: UInt8.self)
        // The two kinds of one octet have no length.
        guard kind > 1 else { return [kind] + data }
        return [kind, given ?? UInt8(clamping: data.count + 2)] + data
    }
}

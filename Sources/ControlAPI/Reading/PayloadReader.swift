import JSONText
import SegmentEngine

/// Reads a payload in any of its forms.
enum PayloadReader {
    /// The most octets a segment can carry.
    static let maximumLength = 65_495

    static func octets(_ reader: FieldReader) -> [UInt8] {
        if case .string(let text) = reader.value { return [UInt8](text.utf8) }
        guard case .object = reader.value, let object = reader.object() else {
            reader.report(
                "is \(reader.value.typeName), must be a string, {\"hex\": …}, {\"base64\": …} or "
                    + "{\"length\": …, \"random\": …}")
            return []
        }
        defer { object.reportUnknown() }
        let base64 = object["base64"]
        let hexadecimal = object["hex"]
        let text = object["text"]
        let length = object["length"]
        let seed = object["random"]
        // As received segments show it, the length and the text stand beside the octets.
        let forms = [base64, hexadecimal, base64 == nil ? text : nil, base64 == nil && text == nil ? length : nil]
        guard forms.count(where: { $0 != nil }) <= 1 else {
            reader.report("must have only one of hex, base64, text and length")
            return []
        }
        if let base64 { return octets(base64: base64) }
        if let hexadecimal { return hexadecimal.hexadecimal() ?? [] }
        if let text { return [UInt8]((text.string() ?? "").utf8) }
        guard let length else {
            reader.report("must have one of hex, base64, text or length")
            return []
        }
        let count = length.integer(in: 0...maximumLength) ?? 0
        return random(count, seed: seed?.integer(in: 0...Int.max) ?? 0)
    }

    private static func octets(base64 reader: FieldReader) -> [UInt8] {
        guard let text = reader.string() else { return [] }
        guard let octets = Base64.octets(in: text) else {
            reader.report("not base64 with its padding")
            return []
        }
        return octets
    }

    /// Octets that are the same for the same seed, eight to each number, the highest first.
    private static func random(_ length: Int, seed: Int) -> [UInt8] {
        [UInt8](capacity: length) { output in
            var number: UInt64 = 0
            while output.count < length {
                let value = SplitMix64.value(number, seed: UInt64(seed))
                for octet in 0..<min(8, length - output.count) {
                    output.append(UInt8(truncatingIfNeeded: value >> UInt64(56 - 8 * octet)))
                }
                number += 1
            }
        }
    }
}

import JSONText

/// Reads a payload in any of its forms.
enum PayloadReader {
    /// The most octets a segment can carry.
    private static let maximumLength = 65_495

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

    /// Octets that are the same for the same seed, everywhere and for ever (SplitMix64).
    private static func random(_ length: Int, seed: Int) -> [UInt8] {
        var state = UInt64(seed)
        var octets: [UInt8] = []
        octets.reserveCapacity(length + 7)
        while octets.count < length {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            mixed ^= mixed >> 31
            for shift in stride(from: 56, through: 0, by: -8) {
                octets.append(UInt8(truncatingIfNeeded: mixed >> UInt64(shift)))
            }
        }
        return Array(octets.prefix(length))
    }
}

import JSONText
import SegmentEngine
import TCPWire

/// Writes in what a segment differs from what was expected, in the same forms as expectations are given.
enum DifferenceJSON {
    static func write(_ difference: Difference, to json: inout JSONWriter) {
        json.beginObject()
        json.member("field", difference.field)
        json.member("expected", value(difference.expected))
        json.member("actual", difference.actual.map(value))
        json.member("hint", difference.hint)
        json.endObject()
    }

    /// What a difference is, for people.
    static func text(_ difference: Difference) -> String {
        let expected = String(decoding: value(difference.expected).octets, as: UTF8.self)
        let actual = difference.actual.map { String(decoding: value($0).octets, as: UTF8.self) } ?? "nothing"
        let hint = difference.hint.map { ": \($0)" } ?? ""
        return "\(difference.field): expected \(expected), actual \(actual)\(hint)"
    }

    private static func value(_ value: Difference.Value) -> JSONValue {
        switch value {
        case .flags(let flags): .array(flags.names.map(JSONValue.string))
        case .pattern(let pattern, let field): self.value(pattern, of: field)
        case .payload(.exactly(let octets)): payload(octets)
        case .payload(.contains(let octets)): .object(["contains": payload(octets)])
        case .word(let word): .string(word)
        case .step(let step): number(UInt64(step))
        }
    }

    private static func value(_ pattern: NumberPattern, of field: ExpectedField) -> JSONValue {
        switch pattern {
        case .exactly(let value): self.value(value, of: field)
        case .range(let first, let last):
            .object(["from": value(first, of: field), "to": value(last, of: field)])
        case .bits(let mask, let set): .object(["mask": value(mask, of: field), "value": value(set, of: field)])
        case .anyOf(let patterns): .object(["anyOf": .array(patterns.map { value($0, of: field) })])
        case .received(let reference):
            .object([
                "received": .string(reference.number.rawValue), "step": number(UInt64(reference.step)),
                "plus": .number(JSONNumber(Int64(Int32(bitPattern: reference.plus)))),
            ])
        }
    }

    private static func value(_ value: UInt64, of field: ExpectedField) -> JSONValue {
        if field.isFlag { return .bool(value != 0) }
        if field.isAddress { return .string(IPv4Address(rawValue: UInt32(truncatingIfNeeded: value)).description) }
        return number(value)
    }

    /// Octets as text where they are, else as hexadecimal digits.
    private static func payload(_ octets: [UInt8]) -> JSONValue {
        if let text = PrintableText.of(octets) { return .string(text) }
        return .object(["hex": .string(Hexadecimal.text(octets.span))])
    }

    private static func number(_ value: UInt64) -> JSONValue { .number(JSONNumber(value)) }
}

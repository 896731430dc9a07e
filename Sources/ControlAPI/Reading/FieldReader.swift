import CaptureFilter
import JSONText
import TCPWire

/// Reads one JSON value of a request, and reports what is wrong with it at its place.
struct FieldReader {
    let value: JSONValue
    let pointer: JSONPointer
    let violations: Violations

    func report(_ detail: @autoclosure () -> String) {
        violations.add(detail(), at: pointer)
    }

    var isList: Bool {
        if case .array = value { true } else { false }
    }

    /// The members of an object; reports anything else.
    func object() -> ObjectReader? {
        guard case .object(let object) = value else { return wrongType("an object") }
        return ObjectReader(object, at: pointer, reporting: violations)
    }

    /// The elements of an array; reports anything else, and one with too many.
    func array(upTo limit: Int = 10_000) -> [FieldReader]? {
        guard case .array(let elements) = value else { return wrongType("a list") }
        guard elements.count <= limit else {
            report("has \(elements.count) elements, may have \(limit)")
            return nil
        }
        return elements.enumerated().map { index, element in
            FieldReader(value: element, pointer: pointer.appending(index), violations: violations)
        }
    }

    func string() -> String? {
        guard case .string(let string) = value else { return wrongType("a string") }
        return string
    }

    func bool() -> Bool? {
        guard case .bool(let bool) = value else { return wrongType("true or false") }
        return bool
    }

    /// An integer, written as a number or as a decimal or `0x` string, within bounds.
    func integer(in range: ClosedRange<Int>) -> Int? {
        let shown: String
        let parsed: Int?
        switch value {
        case .number(let number): (shown, parsed) = (number.literal, number.wholeNumber)
        case .string(let string): (shown, parsed) = ("\"\(string.prefix(40))\"", Self.integer(in: string))
        default: return wrongType("an integer")
        }
        guard let parsed, range.contains(parsed) else {
            report("\(shown) is not an integer in \(range.lowerBound)…\(range.upperBound)")
            return nil
        }
        return parsed
    }

    func integer<Value: FixedWidthInteger>(as type: Value.Type) -> Value? {
        integer(in: Int(clamping: Value.min)...Int(clamping: Value.max)).map { Value($0) }
    }

    /// One of the names of an enumeration.
    func choice<Value>(_ type: Value.Type) -> Value?
    where Value: RawRepresentable<String> & CaseIterable {
        guard let name = string() else { return nil }
        guard let value = Value(rawValue: name) else {
            reportUnknown(name, among: Value.allCases.map(\.rawValue))
            return nil
        }
        return value
    }

    func address() -> IPv4Address? {
        guard let text = string() else { return nil }
        guard let address = IPv4Address(text) else {
            report("\"\(text.prefix(40))\" is not an IPv4 address of four numbers in 0…255")
            return nil
        }
        return address
    }

    /// A pcap filter expression; what libpcap says about a wrong one is reported.
    func captureFilter() -> CaptureFilter? {
        guard let text = string() else { return nil }
        do throws(CaptureFilterError) {
            return try CaptureFilter(text)
        } catch {
            report("\(error)")
            return nil
        }
    }

    /// A duration such as `"250ms"`, in nanoseconds.
    func duration() -> UInt64? {
        guard let text = string() else { return nil }
        guard let duration = Duration.nanoseconds(in: text) else {
            report("\"\(text.prefix(40))\" is not a duration such as \"250ms\", \"2s\" or \"0s\"")
            return nil
        }
        return duration
    }

    /// Octets written as hexadecimal digits, blanks allowed between them.
    func hexadecimal() -> [UInt8]? {
        guard let text = string() else { return nil }
        guard let octets = Hexadecimal.octets(in: text) else {
            report("not an even number of hexadecimal digits")
            return nil
        }
        return octets
    }

    func flags() -> TCPFlags? {
        guard let names = array(upTo: 64) else { return nil }
        var flags: TCPFlags = []
        for reader in names {
            guard let name = reader.string() else { continue }
            if let flag = TCPFlags(name: name) {
                flags.insert(flag)
            } else {
                reader.reportUnknown(name, among: TCPFlags(rawValue: .max).names)
            }
        }
        return flags
    }

    func reportUnknown(_ name: String, among known: [String]) {
        guard !violations.isFull else { return }
        let hint = NearestName.of(name, among: known).map { ", did you mean \"\($0)\"?" } ?? ""
        report("\"\(name.prefix(64))\" is none of \(known.joined(separator: ", "))\(hint)")
    }

    private func wrongType<Value>(_ expected: String) -> Value? {
        report("is \(value.typeName), must be \(expected)")
        return nil
    }

    private static func integer(in text: String) -> Int? {
        guard text.hasPrefix("0x") || text.hasPrefix("0X") else {
            return text.utf8.allSatisfy { $0 != UInt8(ascii: "+") } ? Int(text) : nil
        }
        let digits = text.dropFirst(2)
        return digits.allSatisfy(\.isHexDigit) ? Int(digits, radix: 16) : nil
    }
}

extension JSONValue {
    /// What it is, in words.
    var typeName: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

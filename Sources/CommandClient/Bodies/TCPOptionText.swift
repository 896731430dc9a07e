import ArgumentParser
import JSONText

/// A TCP option as text: `maximumSegmentSize=1460`, `sackPermitted`, `timestamps=1:0`, or a kind with data in hex,
/// `254=f00dcafe`.
enum TCPOptionText {
    static let names = [
        "maximumSegmentSize=", "windowScale=", "sackPermitted", "timestamps=", "noOperation", "endOfOptionList",
    ]

    static func parse(_ argument: String) throws -> JSONValue {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
        let value = parts.count == 2 ? parts[1] : nil
        switch (parts[0], value) {
        case ("sackPermitted", nil), ("noOperation", nil), ("endOfOptionList", nil):
            return .object(["kind": .string(parts[0])])
        case ("maximumSegmentSize", let value?):
            return .object(["kind": .string(parts[0]), "value": number(try Number.word(value))])
        case ("windowScale", let value?):
            return .object(["kind": .string(parts[0]), "shift": number(try Number.octet(value))])
        case ("timestamps", let value?):
            let times = value.split(separator: ":", omittingEmptySubsequences: false)
            guard times.count == 2 else { throw refusal(of: argument) }
            return .object([
                "kind": .string(parts[0]), "value": number(try Number.long(String(times[0]))),
                "echoReply": number(try Number.long(String(times[1]))),
            ])
        default:
            guard let kind = try? Number.octet(parts[0]) else { throw refusal(of: argument) }
            let data = value ?? ""
            guard data.utf8.count.isMultiple(of: 2), data.allSatisfy({ $0.isASCII && $0.isHexDigit }) else {
                throw ValidationError("'\(data)' is not data in hex, two digits for each octet")
            }
            return .object(["kind": number(kind), "data": .string(data)])
        }
    }

    private static func refusal(of argument: String) -> ValidationError {
        ValidationError(
            "'\(argument)' is none of maximumSegmentSize=N, windowScale=N, sackPermitted, timestamps=N:N, noOperation, "
                + "endOfOptionList and KIND=HEX")
    }

    private static func number(_ value: Int) -> JSONValue { .number(JSONNumber(value)) }
}

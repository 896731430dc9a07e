import JSONText

/// JSON as people write it: what fits on a line stands on one.
enum ReadableJSON {
    private static let width = 88

    static func text(_ value: JSONValue, indentation: Int = 0) -> String {
        let line = line(value)
        guard line.count + indentation > width else { return line }
        let inner = String(repeating: " ", count: indentation + 2)
        let outer = String(repeating: " ", count: indentation)
        switch value {
        case .array(let elements):
            let lines = elements.map { inner + text($0, indentation: indentation + 2) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(outer)]"
        case .object(let object):
            let lines = object.members.map { member in
                "\(inner)\(self.line(.string(member.key))): \(text(member.value, indentation: indentation + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(outer)}"
        default:
            return line
        }
    }

    private static func line(_ value: JSONValue) -> String {
        switch value {
        case .array(let elements):
            return "[\(elements.map(line).joined(separator: ", "))]"
        case .object(let object):
            let members = object.members.map { "\(line(.string($0.key))): \(line($0.value))" }
            return "{\(members.joined(separator: ", "))}"
        default:
            return String(decoding: value.octets, as: UTF8.self)
        }
    }
}

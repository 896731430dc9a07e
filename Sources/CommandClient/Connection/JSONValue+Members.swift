import JSONText

/// Looking into answers: what is not there, or is something else, is nothing.
extension JSONValue {
    subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self, let value = object[key], value != .null else { return nil }
        return value
    }

    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var members: [JSONObject.Member] {
        guard case .object(let object) = self else { return [] }
        return object.members
    }

    var string: String? {
        guard case .string(let string) = self else { return nil }
        return string
    }

    var integer: Int? {
        guard case .number(let number) = self else { return nil }
        return number.integer
    }

    var bool: Bool? {
        guard case .bool(let bool) = self else { return nil }
        return bool
    }

    /// The value as people read it: strings without quotation marks, lists with commas.
    var plain: String {
        switch self {
        case .null: "-"
        case .bool(let bool): bool ? "yes" : "no"
        case .number(let number): number.literal
        case .string(let string): string
        case .array(let elements): elements.isEmpty ? "-" : elements.map(\.plain).joined(separator: ",")
        case .object(let object):
            object.members.isEmpty
                ? "-" : object.members.map { "\($0.key)=\($0.value.plain)" }.joined(separator: " ")
        }
    }
}

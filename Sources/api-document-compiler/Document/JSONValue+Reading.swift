import JSONText

extension JSONValue {
    /// The member of an object; nothing of anything else.
    subscript(key: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[key]
    }

    /// The members of an object; none of anything else.
    var members: [JSONObject.Member] {
        guard case .object(let object) = self else { return [] }
        return object.members
    }

    /// The elements of a list; none of anything else.
    var elements: [JSONValue] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    /// The text of a string; nothing of anything else.
    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// A scalar as it is written in a sentence.
    var plain: String {
        switch self {
        case .string(let text): text
        default: String(decoding: octets, as: UTF8.self)
        }
    }
}

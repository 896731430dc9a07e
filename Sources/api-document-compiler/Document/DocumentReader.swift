import JSONText
import Yams

/// Reads YAML into JSON values: of YAML's types those that JSON has, as OpenAPI 3.1 demands (section 4.3).
enum DocumentReader {
    static func document(in yaml: String) throws -> APIDocument {
        guard let node = try Yams.compose(yaml: yaml), case .object(let root) = try value(of: node) else {
            throw DocumentError.notOneMapping
        }
        return APIDocument(root)
    }

    private static func value(of node: Node) throws(DocumentError) -> JSONValue {
        switch node {
        case .mapping(let mapping):
            var members: [JSONObject.Member] = []
            for (key, value) in mapping {
                guard case .scalar(let scalar) = key else { throw .keyNotText(line: key.line) }
                let name = scalar.string
                guard !members.contains(where: { $0.key == name }) else { throw .keyTwice(name, line: key.line) }
                members.append(JSONObject.Member(key: name, value: try self.value(of: value)))
            }
            return .object(JSONObject(members))
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element)) }
            return .array(elements)
        case .scalar(let scalar):
            return try value(of: scalar, tag: node.tag, line: node.line)
        case .alias:
            // Composing has put what they stand for in their places.
            throw .scalarNotJSON("an alias", line: node.line)
        }
    }

    private static func value(of scalar: Node.Scalar, tag: Tag, line: Int) throws(DocumentError) -> JSONValue {
        switch tag.rawValue {
        case Tag.Name.null.rawValue: return .null
        case Tag.Name.bool.rawValue where ["true", "false"].contains(scalar.string):
            return .bool(scalar.string == "true")
        case Tag.Name.int.rawValue, Tag.Name.float.rawValue:
            guard let number = JSONNumber(literal: scalar.string) else { break }
            return .number(number)
        case Tag.Name.str.rawValue: return .string(scalar.string)
        default: break
        }
        throw .scalarNotJSON(scalar.string, line: line)
    }
}

extension Node {
    fileprivate var line: Int { mark?.line ?? 0 }
}

import JSONText

extension HTMLWriter {
    /// What a schema says, in line with a text: its type and bounds, or a link to where it is described.
    mutating func schema(_ schema: JSONValue) {
        if let reference = schema["$ref"]?.text {
            let name = APIDocument.name(in: reference)
            element("a", ["href": "#schema-\(name)"], name)
        } else if let constant = schema["const"] {
            value(constant)
        } else if let values = schema["enum"]?.elements {
            separated(values, by: " | ") { writer, value in writer.value(value) }
        } else if let alternatives = Self.alternatives(of: schema) {
            separated(alternatives, by: " or ") { writer, alternative in writer.schema(alternative) }
        } else {
            separated(Self.types(of: schema), by: " | ") { writer, type in writer.type(type, of: schema) }
        }
        if let preset = schema["default"] {
            text(", preset ")
            value(preset)
        }
    }

    /// The members of an object, of the elements of a list, and of alternatives, each with what it is.
    mutating func members(of schema: JSONValue) {
        for part in schema["allOf"]?.elements ?? [] { members(of: part) }
        for alternative in Self.alternatives(of: schema) ?? [] { alternativeMembers(of: alternative) }
        if let items = schema["items"] { alternativeMembers(of: items) }
        if let others = schema["additionalProperties"] { alternativeMembers(of: others) }
        let properties = schema["properties"]?.members ?? []
        guard !properties.isEmpty else { return }
        let required = schema["required"]?.elements.compactMap(\.text) ?? []
        element("dl", ["class": "members"]) { writer in
            for property in properties {
                writer.element("dt") { writer in
                    writer.element("code", property.key)
                    if required.contains(property.key) {
                        writer.text(" ")
                        writer.element("span", ["class": "required"], "required")
                    }
                }
                writer.element("dd") { writer in writer.member(property.value) }
            }
        }
        endLine()
    }

    private mutating func alternativeMembers(of schema: JSONValue) {
        guard Self.hasMembers(schema) else { return }
        element("div", ["class": "alternative"]) { $0.members(of: schema) }
    }

    private mutating func member(_ schema: JSONValue) {
        if schema.members.map(\.key) == ["description"] {
            element("span", ["class": "meaning"]) { $0.inline(schema["description"]?.text ?? "") }
            return
        }
        element("span", ["class": "type"]) { $0.schema(schema) }
        if let meaning = schema["description"]?.text {
            text(" ")
            element("span", ["class": "meaning"]) { $0.inline(meaning.replacing("\n", with: " ")) }
        }
        guard Self.hasMembers(schema) else { return }
        element("details") { writer in
            writer.element("summary", "members")
            writer.members(of: schema)
        }
    }

    private mutating func type(_ type: String, of schema: JSONValue) {
        switch type {
        case "integer", "number":
            text(type + Self.range(of: schema))
        case "string":
            text(schema["format"]?.text.map { "string (\($0))" } ?? "string")
            if let pattern = schema["pattern"]?.text, pattern.count <= 48 {
                text(" like ")
                element("code", pattern)
            }
        case "array":
            text("list of ")
            if let items = schema["items"] { self.schema(items) } else { text("anything") }
        case "object":
            guard let others = schema["additionalProperties"], !others.members.isEmpty else { return text("object") }
            text("object of ")
            self.schema(others)
        default:
            text(type)
        }
    }

    private mutating func value(_ value: JSONValue) {
        element("code", value.plain)
    }

    private mutating func separated<Element>(
        _ elements: [Element], by separator: String, _ write: (inout HTMLWriter, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { text(separator) }
            write(&self, element)
        }
    }

    private static func alternatives(of schema: JSONValue) -> [JSONValue]? {
        schema["oneOf"]?.elements ?? schema["anyOf"]?.elements
    }

    private static func types(of schema: JSONValue) -> [String] {
        switch schema["type"] {
        case .string(let type): [type]
        case .array(let types): types.compactMap(\.text)
        default: [schema["properties"] == nil ? "anything" : "object"]
        }
    }

    private static func range(of schema: JSONValue) -> String {
        switch (schema["minimum"]?.plain, schema["maximum"]?.plain) {
        case (let low?, let high?): " \(low)…\(high)"
        case (let low?, nil): " from \(low)"
        case (nil, let high?): " up to \(high)"
        case (nil, nil): ""
        }
    }

    /// Whether there is more to it than fits in a line.
    private static func hasMembers(_ schema: JSONValue) -> Bool {
        guard schema["$ref"] == nil else { return false }
        if let properties = schema["properties"], !properties.members.isEmpty { return true }
        let parts = [schema["items"], schema["additionalProperties"]].compactMap(\.self)
        let alternatives = (alternatives(of: schema) ?? []) + (schema["allOf"]?.elements ?? [])
        return (parts + alternatives).contains(where: hasMembers)
    }
}

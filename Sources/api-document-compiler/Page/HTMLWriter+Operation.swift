import JSONText

extension HTMLWriter {
    /// An operation: what it takes, how it is asked for, what it answers.
    mutating func operation(_ operation: Operation, of document: APIDocument) throws(DocumentError) {
        begin("article", ["id": operation.identifier, "class": "operation"])
        element("h3") { writer in
            writer.method(operation.method)
            writer.text(" ")
            writer.element("a", ["href": "#\(operation.identifier)"]) { $0.path(operation.path) }
            writer.text(" ")
            writer.element("span", ["class": "summary"]) { $0.inline(operation.summary) }
        }
        description(operation.value["description"]?.text)
        if let security = operation.value["security"], security.elements.isEmpty {
            element("p", "Takes no token, even where others do.")
        }
        parameters(operation.parameters)
        if let body = operation.value["requestBody"] { bodies(try document.resolved(body).value) }
        for example in try ExampleCommand(operation: operation, document: document).all() {
            command(example.command, named: example.name)
        }
        try answers(operation, of: document)
        end("article")
    }

    mutating func method(_ method: String) {
        element("span", ["class": "method \(method.lowercased())"], method)
    }

    /// Something to copy, or to read as it is.
    mutating func command(_ text: String, named name: String) {
        element("figure", ["class": "command"]) { writer in
            if !name.isEmpty { writer.element("figcaption", name) }
            writer.element("pre", ["tabindex": "0"]) { $0.element("code", text) }
        }
        endLine()
    }

    private mutating func end(_ name: String) {
        raw("</\(name)>")
        endLine()
    }

    private mutating func parameters(_ parameters: [JSONValue]) {
        guard !parameters.isEmpty else { return }
        element("h4", "Parameters")
        element("dl", ["class": "members"]) { writer in
            for parameter in parameters {
                writer.element("dt") { writer in
                    writer.element("code", parameter["name"]?.text ?? "")
                    writer.text(" ")
                    writer.element("span", ["class": "place"], parameter["in"]?.text ?? "")
                }
                writer.element("dd") { writer in
                    if let schema = parameter["schema"] {
                        writer.element("span", ["class": "type"]) { $0.schema(schema) }
                    }
                    writer.foldedDescription(parameter["description"]?.text)
                }
            }
        }
        endLine()
    }

    private mutating func bodies(_ body: JSONValue) {
        element("h4", "Body")
        for content in body["content"]?.members ?? [] {
            element("div", ["class": "content"]) { writer in
                writer.element("code", content.key)
                writer.text(": ")
                if let schema = content.value["schema"] { writer.contentSchema(schema) }
            }
        }
        endLine()
    }

    private mutating func contentSchema(_ schema: JSONValue) {
        element("span", ["class": "type"]) { $0.schema(schema) }
        description(schema["description"]?.text)
        members(of: schema)
    }

    private mutating func answers(_ operation: Operation, of document: APIDocument) throws(DocumentError) {
        element("h4", "Answers")
        var errors: [(status: String, name: String)] = []
        for answer in operation.value["responses"]?.members ?? [] {
            let (name, response) = try document.resolved(answer.value)
            if let name, let status = answer.key.first, "45".contains(status) {
                errors.append((status: answer.key, name: name))
            } else {
                self.answer(answer.key, response)
            }
        }
        guard !errors.isEmpty else { return }
        element("p", ["class": "errors"]) { writer in
            writer.text("Problems: ")
            for (index, error) in errors.enumerated() {
                if index > 0 { writer.text(" ") }
                writer.element("a", ["href": "#answer-\(error.name)"], error.status)
            }
        }
    }

    private mutating func answer(_ status: String, _ response: JSONValue) {
        element("details", ["class": "answer"]) { writer in
            writer.element("summary") { writer in
                writer.element("span", ["class": "status"], status)
                writer.text(" ")
                writer.inline(response["description"]?.text ?? "")
            }
            for header in response["headers"]?.members ?? [] {
                writer.element("p") { writer in
                    writer.element("code", header.key)
                    writer.text(" ")
                    writer.inline(header.value["description"]?.text ?? "")
                }
            }
            for content in response["content"]?.members ?? [] { writer.content(content.key, content.value) }
        }
        endLine()
    }

    /// What an answer has in one media type, with its examples.
    private mutating func content(_ type: String, _ content: JSONValue) {
        element("div", ["class": "content"]) { writer in
            writer.element("code", type)
            writer.text(": ")
            if let schema = content["schema"] { writer.contentSchema(schema) }
        }
        let named = (content["examples"]?.members ?? []).map { (name: $0.key, value: $0.value["value"]) }
        for example in [(name: "", value: content["example"])] + named {
            guard let value = example.value else { continue }
            command(value.text ?? ReadableJSON.text(value), named: example.name)
        }
    }
}

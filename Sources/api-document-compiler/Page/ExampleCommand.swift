import JSONText

/// The curl lines that ask for an operation as the document's examples do.
struct ExampleCommand {
    private static let base = "localhost:8080"
    private static let json = "application/json"

    let operation: Operation
    let document: APIDocument

    /// What each example is called, and its command.
    func all() throws(DocumentError) -> [(name: String, command: String)] {
        guard let body = operation.value["requestBody"] else {
            let plain = line(options: operation.method == "GET" ? [] : ["-X \(operation.method)"])
            let query = query
            guard !query.isEmpty else { return [(name: "", command: plain)] }
            let full = line(options: ["-G"], after: query)
            return [(name: "", command: plain), (name: "with parameters", command: full)]
        }
        var commands: [(name: String, command: String)] = []
        for content in try document.resolved(body).value["content"]?.members ?? [] {
            let examples = content.value["examples"]?.members ?? []
            for example in examples {
                guard let value = example.value["value"] else { continue }
                let name = example.value["summary"]?.text ?? example.key
                commands.append((name: name, command: command(sending: value, as: content.key)))
            }
            if let value = content.value["example"] {
                commands.append((name: "", command: command(sending: value, as: content.key)))
            }
            if content.value["schema"]?["format"]?.text == "binary" {
                let options = ["-H 'Content-Type: \(content.key)'", "--data-binary @capture.pcap"]
                commands.append((name: "a file", command: line(options: [], after: options)))
            }
        }
        return commands
    }

    private func command(sending value: JSONValue, as type: String) -> String {
        var options = operation.method == "POST" ? [] : ["-X \(operation.method)"]
        // Without a type curl names its own, which is taken for JSON.
        if type != Self.json { options.append("-H 'Content-Type: \(type)'") }
        return line(options: options, after: ["-d \(quoted(ReadableJSON.text(value)))"])
    }

    private func line(options: [String], after: [String] = []) -> String {
        (["curl -s"] + options + [target] + after).joined(separator: " ")
    }

    /// The address, with the examples of the parameters in the path.
    private var target: String {
        var path = operation.path
        for parameter in operation.parameters(in: "path") {
            guard let name = parameter["name"]?.text, let example = parameter["example"] else { continue }
            path = path.replacing("{\(name)}", with: example.plain)
        }
        return Self.base + path
    }

    /// The parameters of the query that have an example.
    private var query: [String] {
        operation.parameters(in: "query").compactMap { parameter in
            guard let name = parameter["name"]?.text, let example = parameter["example"] else { return nil }
            return "--data-urlencode \(quoted("\(name)=\(example.plain)"))"
        }
    }

    /// One word of the shell's.
    private func quoted(_ text: String) -> String {
        "'\(text.replacing("'", with: "'\\''"))'"
    }
}

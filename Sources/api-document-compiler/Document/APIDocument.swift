import JSONText

/// The OpenAPI document.
struct APIDocument {
    private static let methods = ["get", "post", "put", "patch", "delete"]

    let value: JSONValue

    init(_ root: JSONObject) {
        value = .object(root)
    }

    /// The value, or what it refers to, with the name of that.
    func resolved(_ value: JSONValue) throws(DocumentError) -> (name: String?, value: JSONValue) {
        guard let reference = value["$ref"]?.text else { return (nil, value) }
        var target = self.value
        for part in reference.drop(while: { $0 == "#" || $0 == "/" }).split(separator: "/") {
            guard let next = target[String(part)] else { throw .noTarget(of: reference) }
            target = next
        }
        return (Self.name(in: reference), try resolved(target).value)
    }

    /// The last part of a reference.
    static func name(in reference: String) -> String {
        String(reference.split(separator: "/").last ?? "")
    }

    /// All operations, in the order of the document.
    func operations() throws(DocumentError) -> [Operation] {
        var operations: [Operation] = []
        for path in value["paths"]?.members ?? [] {
            let shared = path.value["parameters"]?.elements ?? []
            for method in Self.methods {
                guard let operation = path.value[method] else { continue }
                var parameters: [JSONValue] = []
                for parameter in shared + (operation["parameters"]?.elements ?? []) {
                    parameters.append(try resolved(parameter).value)
                }
                operations.append(
                    Operation(method: method.uppercased(), path: path.key, value: operation, parameters: parameters))
            }
        }
        return operations
    }

    /// The problems that answers may be, each with the name of the answer.
    func problems() -> [(answer: String, value: JSONValue)] {
        (value["components"]?["responses"]?.members ?? []).flatMap { response in
            (response.value["content"]?["application/problem+json"]?["examples"]?.members ?? []).compactMap { example in
                example.value["value"].map { (answer: response.key, value: $0) }
            }
        }
    }
}

import JSONText

/// One method of one path.
struct Operation {
    var method: String
    var path: String
    var value: JSONValue
    /// Its own and those of the path, references followed.
    var parameters: [JSONValue]

    var identifier: String { value["operationId"]?.text ?? method + path }
    var tag: String { value["tags"]?.elements.first?.text ?? "" }
    var summary: String { value["summary"]?.text ?? "" }

    func parameters(in place: String) -> [JSONValue] {
        parameters.filter { $0["in"]?.text == place }
    }
}

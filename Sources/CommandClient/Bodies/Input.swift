import JSONText

/// A body from a file with what options say put over it.
enum Input {
    /// The body: the file's, or an empty object where there is none, changed by `apply` where that changes anything.
    static func body(
        _ path: String?, _ apply: (inout JSONObject) -> Void
    ) throws(ClientFailure) -> JSONValue {
        var options = JSONObject()
        apply(&options)
        guard let path else { return .object(options) }
        let value = try InputFile.json(path, named: "--input")
        guard !options.members.isEmpty else { return value }
        guard case .object(var object) = value else {
            throw ClientFailure(
                .usage, "--input \(path): it is not one object, so that options cannot change what it says")
        }
        apply(&object)
        return .object(object)
    }
}

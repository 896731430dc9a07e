import HTTPMessage
import JSONText

/// The JSON body of a request.
enum RequestBody {
    static let json = "application/json"
    /// What `curl -d` says of any body.
    static let form = "application/x-www-form-urlencoded"
    /// A JSON Merge Patch (RFC 7396).
    static let mergePatch = "application/merge-patch+json"

    /// Reads a body that must be there; of a type of its own, or any that JSON may have.
    static func json(
        _ request: HTTPRequest, orType type: String? = nil, reporting violations: Violations
    ) throws(Problem) -> FieldReader {
        try checkContentType(of: request, orType: type)
        do throws(JSONError) {
            let value = try JSONParser.parse(request.body)
            return FieldReader(value: value, pointer: .root, violations: violations)
        } catch {
            let place = error.pointer.map { [Problem.Violation(pointer: $0, detail: "duplicate key")] }
            throw Problem(.malformedJSON, detail: "\(error)", violations: place ?? [])
        }
    }

    /// Refuses a body that says anything, where nothing is asked for.
    static func checkEmpty(_ request: HTTPRequest) throws(Problem) {
        guard !request.body.isEmpty else { return }
        let violations = Violations()
        let reader = try json(request, reporting: violations)
        reader.object()?.reportUnknown()
        try violations.check()
    }

    /// The type that a request says its body has, without parameters, in lower case.
    static func mediaType(of request: HTTPRequest) -> String? {
        request.headers["Content-Type"]?.prefix { $0 != ";" }.lowercased().filter { $0 != " " && $0 != "\t" }
    }

    /// Accepts JSON, no type at all, and what `curl -d` says when it is not told otherwise.
    ///
    /// A browser can send that last type to other sites without asking, so not when it names an origin.
    private static func checkContentType(of request: HTTPRequest, orType special: String?) throws(Problem) {
        guard let field = request.headers["Content-Type"], let type = mediaType(of: request) else { return }
        if type == json || type == special { return }
        if type == form, request.headers["Origin"] == nil { return }
        throw Problem(
            .unsupportedMediaType,
            detail: "Content-Type is \"\(field.prefix(100))\", must be \(json)"
                + (special.map { " or \($0)" } ?? ""))
    }
}

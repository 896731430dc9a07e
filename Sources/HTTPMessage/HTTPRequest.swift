/// A complete request (RFC 9110), whatever library received it.
package struct HTTPRequest: Sendable {
    /// What comes before the body, as one object: a request is copied often, and each copy would retain every field.
    private final class Head: Sendable {
        let method: String
        let target: String
        let path: [String]
        let query: [QueryItem]
        let headers: HTTPHeaders

        init(method: String, target: String, parsed: RequestTarget, headers: HTTPHeaders) {
            self.method = method
            self.target = target
            path = parsed.path
            query = parsed.query
            self.headers = headers
        }
    }

    private let head: Head
    package var body: [UInt8]

    package var method: String { head.method }
    /// The request target as received: path and query, still escaped.
    package var target: String { head.target }
    /// The path's segments, decoded; none for `/`, and an empty last one for a path that ends in `/`.
    package var path: [String] { head.path }
    /// The query's items in order, decoded.
    package var query: [QueryItem] { head.query }
    package var headers: HTTPHeaders { head.headers }

    /// Takes a request apart; throws a 400 when its target is malformed.
    package init(
        method: String, target: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []
    ) throws(Problem) {
        let parsed = try RequestTarget.parse(target, method: method)
        self.init(method: method, target: target, parsed: parsed, headers: headers, body: body)
    }

    /// Takes a request whose target has been taken apart already.
    package init(method: String, target: String, parsed: RequestTarget, headers: HTTPHeaders, body: [UInt8]) {
        head = Head(method: method, target: target, parsed: parsed, headers: headers)
        self.body = body
    }
}

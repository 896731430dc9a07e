/// A complete request (RFC 9110), whatever library received it.
package struct HTTPRequest: Hashable, Sendable {
    package var method: String
    /// The request target as received: path and query, still escaped.
    package var target: String
    /// The path's segments, decoded; none for `/`, and an empty last one for a path that ends in `/`.
    package var path: [String]
    /// The query's items in order, decoded.
    package var query: [QueryItem]
    package var headers: HTTPHeaders
    package var body: [UInt8]

    /// Takes a request apart; throws a 400 when its target is malformed.
    package init(
        method: String, target: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []
    ) throws(Problem) {
        let parsed = try RequestTarget.parse(target, method: method)
        self.init(method: method, target: target, parsed: parsed, headers: headers, body: body)
    }

    /// Takes a request whose target has been taken apart already.
    package init(method: String, target: String, parsed: RequestTarget, headers: HTTPHeaders, body: [UInt8]) {
        self.method = method
        self.target = target
        path = parsed.path
        query = parsed.query
        self.headers = headers
        self.body = body
    }
}

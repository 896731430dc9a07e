package import JSONText

/// A response (RFC 9110).
package struct HTTPResponse: Sendable {
    /// The fields of nearly every response; made once, so that they are known by where they are.
    package static let jsonOnly = [HTTPField("Content-Type", "application/json")]

    package var status: Int
    package var headers: [HTTPField]
    /// The whole body, unless there is a ``stream``.
    package var body: OctetBuffer
    /// Where a body of unknown length comes from.
    package var stream: (any BodySource)?
    /// The number by which an ``HTTPMeter`` knows the request's route.
    package var route = HTTPMeter.noRoute
    /// What type of problem it reports, by the last part of its URI; `nil` when it is none.
    package private(set) var problem: String?

    package init(status: Int, headers: [HTTPField] = [], body: OctetBuffer) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(status: Int, headers: [HTTPField] = [], body: [UInt8] = []) {
        self.init(status: status, headers: headers, body: OctetBuffer(body))
    }

    /// A response whose body is sent as it comes.
    package init(status: Int = 200, headers: [HTTPField], stream: any BodySource) {
        self.init(status: status, headers: headers)
        self.stream = stream
    }

    /// A response that carries JSON.
    package init(status: Int = 200, json: OctetBuffer, headers: [HTTPField] = []) {
        self.init(status: status, headers: headers.isEmpty ? Self.jsonOnly : Self.jsonOnly + headers, body: json)
    }

    package init(_ problem: Problem) {
        self.init(
            status: problem.status,
            headers: [HTTPField("Content-Type", "application/problem+json")] + problem.headers,
            body: problem.octets + [UInt8(ascii: "\n")])
        self.problem = problem.type.slug
    }

    /// The value of the first header field with that name.
    package subscript(name: String) -> String? {
        for field in headers where field.isNamed(name) { return field.value }
        return nil
    }
}

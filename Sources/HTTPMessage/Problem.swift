package import JSONText

/// An error as the API reports it (RFC 9457).
package struct Problem: Error, Hashable, Sendable {
    /// A place in the request that is wrong.
    package struct Violation: Hashable, Sendable {
        package enum Place: Hashable, Sendable {
            /// In the body.
            case pointer(JSONPointer)
            /// In the query.
            case parameter(String)
            /// In the head.
            case header(String)
        }

        package var place: Place
        package var detail: String

        package init(pointer: JSONPointer, detail: String) {
            place = .pointer(pointer)
            self.detail = detail
        }

        package init(parameter: String, detail: String) {
            place = .parameter(parameter)
            self.detail = detail
        }

        package init(header: String, detail: String) {
            place = .header(header)
            self.detail = detail
        }
    }

    /// What kind of problem it is; its status and title are reported.
    package var type: ProblemType
    /// What about this request made it go wrong.
    package var detail: String?
    package var violations: [Violation]
    /// Further members, which come after the others.
    package var extensions: [JSONObject.Member]
    /// Response headers, such as `Allow` and `Retry-After`.
    package var headers: [HTTPField]

    package init(
        _ type: ProblemType, detail: String? = nil, violations: [Violation] = [],
        extensions: [(String, JSONValue)] = [], headers: [HTTPField] = []
    ) {
        self.type = type
        self.detail = detail
        self.violations = violations
        self.extensions = JSONObject(extensions).members
        self.headers = headers
    }

    /// Says after how many seconds another attempt makes sense.
    package func retryAfter(seconds: Int) -> Problem {
        var problem = self
        problem.headers.append(HTTPField("Retry-After", String(seconds)))
        return problem
    }

    /// Says which methods the resource has.
    package func allowing(_ methods: [String]) -> Problem {
        var problem = self
        problem.headers.append(HTTPField("Allow", methods.joined(separator: ", ")))
        return problem
    }

    package var status: Int { type.status }

    /// The problem as JSON.
    package var octets: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("type", type.uri)
        writer.member("title", type.title)
        writer.member("status", type.status)
        if let detail { writer.member("detail", detail) }
        if !violations.isEmpty {
            writer.key("violations")
            writer.beginArray()
            for violation in violations { writer.value(violation) }
            writer.endArray()
        }
        for member in extensions {
            writer.key(member.key)
            writer.value(member.value)
        }
        writer.endObject()
        return writer.octets
    }
}

extension JSONWriter {
    fileprivate mutating func value(_ violation: Problem.Violation) {
        beginObject()
        switch violation.place {
        case .pointer(let pointer): member("pointer", pointer.description)
        case .parameter(let name): member("parameter", name)
        case .header(let name): member("header", name)
        }
        member("detail", violation.detail)
        endObject()
    }
}

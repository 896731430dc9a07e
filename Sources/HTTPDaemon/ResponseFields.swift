import HTTPMessage

extension HTTPResponse {
    /// What every response says to browsers and caches, unless it says otherwise itself.
    static let standardFields: [(name: StaticString, value: StaticString)] = [
        (name: "X-Content-Type-Options", value: "nosniff"),
        (name: "Content-Security-Policy", value: "default-src 'none'"),
        (name: "Cache-Control", value: "no-store"),
    ]

    /// Whether the response has a field of that name itself.
    func sets(_ name: StaticString) -> Bool {
        for field in headers where field.name.utf8.count == name.utf8CodeUnitCount {
            if field.isNamed("\(name)") { return true }
        }
        return false
    }

    /// The response, without a reason phrase, as it is sent on a connection that is closed after it.
    var closingOctets: [UInt8] {
        var text = "HTTP/1.1 \(status) \r\nConnection: close\r\n"
        for field in headers { text += "\(field.name): \(field.value)\r\n" }
        for field in Self.standardFields where !sets(field.name) { text += "\(field.name): \(field.value)\r\n" }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return [UInt8](text.utf8) + body
    }
}

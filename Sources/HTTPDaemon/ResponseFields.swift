import HTTPMessage

extension HTTPResponse {
    /// What every response says to browsers and caches, unless it says otherwise itself.
    static let standardFields = [
        HTTPField("X-Content-Type-Options", "nosniff"),
        HTTPField("Content-Security-Policy", "default-src 'none'"),
        HTTPField("Cache-Control", "no-store"),
    ]

    /// The response, without a reason phrase, as it is sent on a connection that is closed after it.
    var closingOctets: [UInt8] {
        var text = "HTTP/1.1 \(status) \r\nConnection: close\r\n"
        for field in headers + Self.standardFields.filter({ field in self[field.name] == nil }) { text += "\(field.name): \(field.value)\r\n" }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return [UInt8](text.utf8) + body
    }
}

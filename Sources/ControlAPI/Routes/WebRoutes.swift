import AccessControl
import HTTPMessage
import WebFiles

/// The files that browsers are given, to anybody who can connect: they hold no secret.
enum WebRoutes {
    static var all: [Route] { WebFile.all.map(route) }

    /// What a page of ours may do: what comes from here alone, and no page of others may frame it.
    private static let contentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static func route(to file: WebFile) -> Route {
        let type = String(file.mediaType.prefix { $0 != ";" })
        // Browsers keep it, and ask each time whether it is still this one.
        let kept = [
            HTTPField("ETag", file.entityTag), HTTPField("Cache-Control", "no-cache"),
            HTTPField("Content-Security-Policy", contentSecurityPolicy), HTTPField("Referrer-Policy", "no-referrer"),
        ]
        let whole = HTTPResponse(
            status: 200, headers: [HTTPField("Content-Type", file.mediaType)] + kept, body: file.octets)
        let unchanged = HTTPResponse(status: 304, headers: kept)
        return .immediate("GET", file.path, types: [type], requirement: .nothing) { request, _ in
            isCurrent(file.entityTag, for: request) ? unchanged : whole
        }
    }

    /// Whether the client has what it asks for (RFC 9110, section 13.1.2).
    private static func isCurrent(_ tag: String, for request: HTTPRequest) -> Bool {
        request.headers.values(of: "If-None-Match").contains { field in
            field.split(separator: ",").contains { element in
                let known = element.drop { $0 == " " || $0 == "\t" }
                // Comparison is weak here.
                return known == "*" || (known.hasPrefix("W/") ? known.dropFirst(2) : known) == tag
            }
        }
    }
}

import HTTPMessage

/// Finds the route of a request, or says why there is none (RFC 9110).
struct Router: Sendable {
    private let routes: [Route]

    init(_ routes: [Route]) {
        self.routes = routes
    }

    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) throws(Problem) {
        var matches = routes.compactMap { route in
            route.parameters(of: request.path).map { (route: route, parameters: $0) }
        }
        // A fixed name comes before a parameter, as in /segments/stream.
        let fewest = matches.map(\.parameters.count).min()
        matches.removeAll { $0.parameters.count != fewest }
        if request.method == "OPTIONS", request.target == "*" {
            // The whole server was asked, whose methods are those of all its resources (RFC 9110 §9.3.7).
            responder.respond(Self.options(Self.allowed(Set(routes.map(\.method)).sorted())))
            return
        }
        guard !matches.isEmpty else {
            throw Problem(.notFound, detail: "there is nothing at \(request.target.prefix(200))")
        }
        let method = request.method == "HEAD" ? "GET" : request.method
        let allowed = Self.allowed(matches.map(\.route.method))
        if method == "OPTIONS" {
            responder.respond(Self.options(allowed))
            return
        }
        guard let match = matches.first(where: { $0.route.method == method }) else {
            throw Problem(
                .methodNotAllowed, detail: "\(request.method.prefix(40)) is none of \(allowed.joined(separator: ", "))"
            ).allowing(allowed)
        }
        try ContentNegotiation.check(request, takes: match.route.types)
        try match.route.handler(request, match.parameters, responder)
    }

    private static func options(_ allowed: [String]) -> HTTPResponse {
        HTTPResponse(status: 204, headers: [HTTPField("Allow", allowed.joined(separator: ", "))])
    }

    private static func allowed(_ methods: [String]) -> [String] {
        methods + (methods.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
    }
}

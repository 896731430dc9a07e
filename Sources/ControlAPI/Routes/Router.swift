import AccessControl
import HTTPMessage

/// Finds the route of a request, or says why there is none (RFC 9110).
struct Router: Sendable {
    private let methods: [String]
    /// The routes by the name that their paths begin with, which is empty for `/`; in the order in which they were given.
    ///
    /// There are so few names that to look for one is faster than to hash it, if those that are asked for most come first.
    private let routes: [(name: String, routes: [Route])]

    /// What requests with a key were answered.
    private let kept = KeptAnswers()

    /// A router of these routes, which are counted by a meter.
    init(_ routes: [Route], meter: HTTPMeter) {
        let routes = routes.enumerated().map { index, route in
            let route = Route(route, number: index + 1)
            meter.name(route.number, HTTPMeter.Route(method: route.method, path: route.pattern))
            return route
        }
        methods = Set(routes.map(\.method)).sorted()
        self.routes = routes.reduce(into: []) { groups, route in
            var name = ""
            if case .name(let first)? = route.path.first { name = first }
            if let index = groups.firstIndex(where: { $0.name == name }) {
                groups[index].routes.append(route)
            } else {
                groups.append((name: name, routes: [route]))
            }
        }
    }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let route = route(for: request.method, request.path)
        do throws(Problem) {
            if let route { return try answer(request, by: route) }
            let matches = candidates(for: request.path).filter { $0.matches(request.path) }
            let fewest = matches.map(\.parameterCount).min()
            return .now(try explain(request, matches.filter { $0.parameterCount == fewest }.map(\.method)))
        } catch {
            var response = HTTPResponse(error)
            if let route { response.route = route.number }
            return .now(response)
        }
    }

    private func answer(_ request: HTTPRequest, by route: Route) throws(Problem) -> HTTPAnswer {
        try ContentNegotiation.check(request, takes: route.types)
        guard request.method == "POST", let key = try IdempotencyKey.of(request) else {
            return try route.answer(request)
        }
        return .trying { [kept] responder throws(Problem) in
            responder.route = route.number
            try kept.answer(request, under: key, responder) { responder throws(Problem) in
                try route.answer(request).come(by: responder)
            }
        }
    }

    /// What a request takes: where there is no route nothing is done, so that any role is enough to be told so.
    func requirement(for method: String, _ path: [String]) -> AccessRequirement {
        route(for: method, path)?.requirement ?? .role(.read)
    }

    private func candidates(for path: [String]) -> [Route] {
        let name = path.first ?? ""
        return routes.first { $0.name == name }?.routes ?? []
    }

    private func route(for method: String, _ path: [String]) -> Route? {
        let method = method == "HEAD" ? "GET" : method
        // A fixed name comes before a parameter, as in /segments/stream.
        return candidates(for: path).first { $0.method == method && $0.matches(path) }
    }

    /// Answers a request that no route answers; the resource has these methods.
    private func explain(_ request: HTTPRequest, _ methods: [String]) throws(Problem) -> HTTPResponse {
        if request.method == "OPTIONS", request.target == "*" {
            // The whole server was asked, whose methods are those of all its resources (RFC 9110 §9.3.7).
            return Self.options(Self.allowed(self.methods))
        }
        guard !methods.isEmpty else {
            throw Problem(.notFound, detail: "there is nothing at \(request.target.prefix(200))")
        }
        let allowed = Self.allowed(methods)
        guard request.method == "OPTIONS" else {
            throw Problem(
                .methodNotAllowed, detail: "\(request.method.prefix(40)) is none of \(allowed.joined(separator: ", "))"
            ).allowing(allowed)
        }
        return Self.options(allowed)
    }

    private static func options(_ allowed: [String]) -> HTTPResponse {
        HTTPResponse(status: 204, headers: [HTTPField("Allow", allowed.joined(separator: ", "))])
    }

    private static func allowed(_ methods: [String]) -> [String] {
        methods + (methods.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
    }
}

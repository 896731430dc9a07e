import AccessControl
import HTTPMessage

/// One method of one resource.
///
/// A class, because it is looked up twice in each request, and a copy would count the references of all that it has.
final class Route: Sendable {
    /// A part of a path.
    enum Part: Hashable, Sendable {
        case name(String)
        /// Any one segment, handed to the handler.
        case parameter
    }

    /// Answers by the responder, then or later.
    typealias Handler = @Sendable (HTTPRequest, [String], HTTPResponder) throws(Problem) -> Void
    typealias ImmediateHandler = @Sendable (HTTPRequest, [String]) throws(Problem) -> HTTPResponse

    /// How it answers.
    private enum Answering: Sendable {
        case later(Handler)
        case atOnce(ImmediateHandler)
    }

    let method: String
    /// As in documents.
    let pattern: String
    let path: [Part]
    /// The number by which it is counted.
    let number: Int
    /// The media types that it answers in, the usual one first.
    let types: [String]
    private let answering: Answering
    /// What it takes to be let in.
    let requirement: AccessRequirement
    private let hasParameters: Bool

    /// A route whose path is written as in documents, such as `/endpoints/{id}`.
    ///
    /// Methods that are not safe change something, and take more (RFC 9110, section 9.2.1).
    convenience init(
        _ method: String, _ path: String, types: [String] = ["application/json"],
        requirement: AccessRequirement? = nil, _ handler: @escaping Handler
    ) {
        self.init(method, path, types, requirement, .later(handler))
    }

    private init(
        _ method: String, _ path: String, _ types: [String], _ requirement: AccessRequirement?, _ answering: Answering
    ) {
        self.requirement = requirement ?? .role(method == "GET" ? .read : .control)
        self.method = method
        pattern = path
        self.types = types
        self.path = path.split(separator: "/").map { $0.hasPrefix("{") ? .parameter : .name(String($0)) }
        self.answering = answering
        hasParameters = self.path.contains(.parameter)
        number = HTTPMeter.noRoute
    }

    /// The same route, with the number by which it is counted.
    init(_ route: Route, number: Int) {
        method = route.method
        pattern = route.pattern
        path = route.path
        types = route.types
        answering = route.answering
        requirement = route.requirement
        hasParameters = route.hasParameters
        self.number = number
    }

    /// A route that answers at once.
    static func immediate(
        _ method: String, _ path: String, types: [String] = ["application/json"],
        requirement: AccessRequirement? = nil, _ handler: @escaping ImmediateHandler
    ) -> Route {
        Route(method, path, types, requirement, .atOnce(handler))
    }

    /// Answers a request that is this route's.
    func answer(_ request: HTTPRequest) throws(Problem) -> HTTPAnswer {
        let parameters = parameters(of: request.path)
        switch answering {
        case .atOnce(let handler):
            var response = try handler(request, parameters)
            response.route = number
            return .now(response)
        case .later(let handler):
            return .trying { [number] responder throws(Problem) in
                responder.route = number
                try handler(request, parameters, responder)
            }
        }
    }

    /// How many parts of its path may be any.
    var parameterCount: Int { path.count { $0 == .parameter } }

    /// Whether a path is this route's.
    func matches(_ segments: [String]) -> Bool {
        guard segments.count == path.count else { return false }
        for index in path.indices {
            switch path[index] {
            case .name(let name): guard name == segments[index] else { return false }
            case .parameter: guard !segments[index].isEmpty else { return false }
            }
        }
        return true
    }

    /// The parameters in a path that is this route's.
    private func parameters(of segments: [String]) -> [String] {
        guard hasParameters else { return [] }
        return path.indices.filter { path[$0] == .parameter }.map { segments[$0] }
    }
}

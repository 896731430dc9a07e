import HTTPMessage

/// One method of one resource.
struct Route: Sendable {
    /// A part of a path.
    enum Part: Hashable, Sendable {
        case name(String)
        /// Any one segment, handed to the handler.
        case parameter
    }

    typealias Handler = @Sendable (HTTPRequest, [String], HTTPResponder) throws(Problem) -> Void

    let method: String
    let path: [Part]
    /// The media types that it answers in, the usual one first.
    let types: [String]
    let handler: Handler

    /// A route whose path is written as in documents, such as `/endpoints/{id}`.
    init(
        _ method: String, _ path: String, types: [String] = ["application/json"], _ handler: @escaping Handler
    ) {
        self.method = method
        self.types = types
        self.path = path.split(separator: "/").map { $0.hasPrefix("{") ? .parameter : .name(String($0)) }
        self.handler = handler
    }

    /// A route that answers at once.
    static func immediate(
        _ method: String, _ path: String,
        _ handler: @escaping @Sendable (HTTPRequest, [String]) throws(Problem) -> HTTPResponse
    ) -> Route {
        Route(method, path) { request, parameters, responder throws(Problem) in
            responder.respond(try handler(request, parameters))
        }
    }

    /// The path's parameters, if it is this route's.
    func parameters(of segments: [String]) -> [String]? {
        guard segments.count == path.count else { return nil }
        var parameters: [String] = []
        for (part, segment) in zip(path, segments) {
            switch part {
            case .name(let name) where name == segment: continue
            case .name: return nil
            case .parameter where segment.isEmpty: return nil
            case .parameter: parameters.append(segment)
            }
        }
        return parameters
    }
}

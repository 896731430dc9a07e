/// What becomes of a request.
package enum HTTPAnswer {
    /// There is a response.
    case now(HTTPResponse)
    /// The response comes by the responder that this is called with, once, then and there or from any thread.
    case later((HTTPResponder) -> Void)

    /// The response comes by a responder, from whoever is called or, when that throws, as what it throws.
    package static func trying(_ begin: @escaping (HTTPResponder) throws(Problem) -> Void) -> HTTPAnswer {
        .later { responder in
            do throws(Problem) {
                try begin(responder)
            } catch {
                responder.respond(HTTPResponse(error))
            }
        }
    }

    /// Has the answer come by a responder, whenever it does.
    package func come(by responder: HTTPResponder) {
        switch self {
        case .now(let response): responder.respond(response)
        case .later(let begin): begin(responder)
        }
    }
}

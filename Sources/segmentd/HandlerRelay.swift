import HTTPMessage
import Locking

/// Hands requests to the API, once there is one: until then the service is starting.
final class HandlerRelay: Sendable {
    private let handler = Locked<HTTPHandler?>(nil)

    func connect(_ handler: @escaping HTTPHandler) {
        self.handler.withLock { $0 = handler }
    }

    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        guard let handler = handler.withLock({ $0 }) else {
            let starting = ProblemType("starting", status: 503, title: "The service is starting")
            responder.respond(HTTPResponse(Problem(starting).retryAfter(seconds: 1)))
            return
        }
        handler(request, responder)
    }
}

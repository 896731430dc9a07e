import AccessControl
import ControlAPI
import HTTPMessage
import Locking

/// Hands requests to the API, once there is one: until then the service is starting.
final class HandlerRelay: Sendable {
    private let api = Locked<ControlAPI?>(nil)

    func connect(_ api: ControlAPI) {
        self.api.withLock { $0 = api }
    }

    /// What a request takes, once there is an API that can say.
    func requirement(for method: String, _ path: [String]) -> AccessRequirement? {
        api.withLock { $0 }?.requirement(for: method, path)
    }

    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        guard let api = api.withLock({ $0 }) else {
            responder.respond(HTTPResponse(Problem(.starting).retryAfter(seconds: 1)))
            return
        }
        api.handle(request, responder)
    }
}

import ControlAPI
import HTTPMessage
import Synchronization

/// Hands requests to the API, once there is one: until then the service is starting.
final class HandlerRelay: Sendable {
    private final class Target: Sendable {
        let api: ControlAPI

        init(_ api: ControlAPI) {
            self.api = api
        }
    }

    private let target = AtomicLazyReference<Target>()

    func connect(_ api: ControlAPI) {
        _ = target.storeIfNil(Target(api))
    }

    func handle(_ request: HTTPRequest, _ responder: HTTPResponder) {
        guard let target = target.load() else {
            let starting = ProblemType("starting", status: 503, title: "The service is starting")
            responder.respond(HTTPResponse(Problem(starting).retryAfter(seconds: 1)))
            return
        }
        target.api.handle(request, responder)
    }
}

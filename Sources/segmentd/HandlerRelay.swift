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

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        guard let api = api.withLock({ $0 }) else {
            return .now(HTTPResponse(Problem(.starting).retryAfter(seconds: 1)))
        }
        return api.answer(request)
    }
}

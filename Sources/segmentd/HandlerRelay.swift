import AccessControl
import ControlAPI
import HTTPMessage
import Synchronization

/// Hands requests to the API, once there is one: until then the service is starting.
@safe
final class HandlerRelay: Sendable {
    private final class Connected: Sendable {
        let api: ControlAPI

        init(_ api: ControlAPI) { self.api = api }
    }

    /// Looked at twice in each request, and so without a lock, and without counting who looks: it stays as long as this.
    private let connected = unsafe Atomic<Unmanaged<Connected>?>(nil)

    deinit {
        unsafe connected.load(ordering: .acquiring)?.release()
    }

    /// Has the API answer from now on; to be called once.
    func connect(_ api: ControlAPI) {
        let previous = unsafe connected.exchange(.passRetained(Connected(api)), ordering: .acquiringAndReleasing)
        precondition(unsafe previous == nil, "the service has one API")
    }

    /// What a request takes, once there is an API that can say.
    func requirement(for method: String, _ path: [String]) -> AccessRequirement? {
        unsafe connected.load(ordering: .acquiring)?._withUnsafeGuaranteedRef { connected in
            connected.api.requirement(for: method, path)
        }
    }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        guard let connected = unsafe connected.load(ordering: .acquiring) else {
            return .now(HTTPResponse(Problem(.starting).retryAfter(seconds: 1)))
        }
        return unsafe connected._withUnsafeGuaranteedRef { connected in connected.api.answer(request) }
    }
}

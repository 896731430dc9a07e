package import AccessControl
package import HTTPMessage
package import SegmentEngine

/// The HTTP API: a function from requests to answers, some of them later.
///
/// Called on the HTTP thread, never waits: what the engine must do is posted to it,
/// and its completion answers the request.
package struct ControlAPI: Sendable {
    /// The media types that bodies of requests may have, each with some resource.
    package static var bodyTypes: Set<String> {
        ReplayReader.mediaTypes.union([RequestBody.json, RequestBody.mergePatch, RequestBody.form])
    }

    private let router: Router

    /// An API over an engine; `instance` tells one start of the service from another.
    ///
    /// `access` counts who was refused, where somebody may be; `state` keeps changes.
    package init(
        engine: EngineHandle, version: ServiceVersion, limits: [ServiceLimit], instance: String,
        access: AccessCounters? = nil, state: StateJournal? = nil
    ) {
        let calls = EngineCalls(engine: engine, state: state)
        router = Router(
            EndpointRoutes(engine: engine, calls: calls).routes
                + SegmentRoutes(engine: engine, calls: calls).routes
                + CaptureRoutes(engine: engine, calls: calls, version: version, instance: instance).routes
                + TransmissionRoutes(engine: engine, calls: calls).routes
                + RunRoutes(engine: engine, calls: calls).routes
                + CounterRoutes(engine: engine, access: access).routes
                + OperationRoutes(engine: engine, calls: calls, version: version, limits: limits).routes
                + WebRoutes.all)
    }

    /// What it takes to make a request.
    package func requirement(for method: String, _ path: [String]) -> AccessRequirement {
        router.requirement(for: method, path)
    }

    /// Answers a request, now or when the engine is done.
    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        do throws(Problem) {
            return try router.answer(request)
        } catch {
            return .now(HTTPResponse(error))
        }
    }
}

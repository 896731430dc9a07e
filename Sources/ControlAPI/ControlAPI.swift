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
    /// `access` counts who was refused, where somebody may be; `state` keeps changes; `meter` counts what is answered
    /// and tells what the server has to do.
    package init(
        engine: EngineHandle, version: ServiceVersion, limits: [ServiceLimit], instance: String,
        access: AccessCounters? = nil, state: StateJournal? = nil, meter: HTTPMeter = HTTPMeter()
    ) {
        let calls = EngineCalls(engine: engine, state: state)
        let http = HTTPMetrics(meter: meter, access: access)
        router = Router(
            EndpointRoutes(engine: engine, calls: calls).routes
                + SegmentRoutes(engine: engine, calls: calls).routes
                + CaptureRoutes(engine: engine, calls: calls, version: version, instance: instance).routes
                + TransmissionRoutes(engine: engine, calls: calls).routes
                + RunRoutes(engine: engine, calls: calls).routes
                + CounterRoutes(engine: engine, access: access).routes
                + OperationRoutes(engine: engine, calls: calls, version: version, limits: limits).routes
                + MetricsRoutes(engine: engine, state: state, version: version, http: http).routes
                + ProblemRoutes.all + WebRoutes.all,
            meter: meter)
    }

    /// What it takes to make a request.
    package func requirement(for method: String, _ path: [String]) -> AccessRequirement {
        router.requirement(for: method, path)
    }

    /// Answers a request, now or when the engine is done.
    package func answer(_ request: HTTPRequest) -> HTTPAnswer {
        router.answer(request)
    }
}

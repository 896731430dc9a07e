import HTTPMessage
import JSONText
import SegmentEngine

/// Runs: begin one, list them, see what one has shown, cancel it.
struct RunRoutes: Sendable {
    private static let maximumPage = 10_000
    private static let defaultPage = 100
    private static let types = ["application/json", RunXML.mediaType]

    let engine: EngineHandle
    let calls: EngineCalls

    var routes: [Route] {
        [
            Route("POST", "/runs", types: Self.types) { request, _, responder throws(Problem) in
                try begin(request, responder)
            },
            .immediate("GET", "/runs") { request, _ throws(Problem) in try list(request) },
            Route("GET", "/runs/{id}", types: Self.types) { request, parameters, responder throws(Problem) in
                try read(parameters[0], request, responder)
            },
            Route("DELETE", "/runs/{id}") { request, parameters, responder throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                try RequestBody.checkEmpty(request)
                let number = try run(parameters[0]).number
                try calls.post(to: responder, effect: .ends) {
                    .endRun(number, $0)
                } response: { run in
                    run.map { Self.response($0, as: .json) } ?? HTTPResponse(status: 204)
                }
            },
        ]
    }

    /// How a run is shown.
    private enum Form {
        case json, xml
    }

    private func begin(_ request: HTTPRequest, _ responder: HTTPResponder) throws(Problem) {
        let query = QueryReader(request)
        let wait = query.duration("wait", upTo: EngineCalls.longestWait)
        try query.check()
        let violations = Violations()
        let body = try RequestBody.json(request, reporting: violations)
        let reader = RunReader { engine.endpoints.endpoint($0) != nil }
        let plan = reader.plan(body)
        try violations.check()
        let form = form(of: request)
        let stepPlaces = reader.places
        let place = wait == nil ? nil : try calls.place(for: responder)
        try calls.post(
            to: responder, effect: .begins, patienceMilliseconds: EngineCalls.patienceMilliseconds(for: wait)
        ) { completion in
            .run(plan, waitNanoseconds: wait, completion)
        } response: { run in
            withExtendedLifetime(place) {
                let location = HTTPField("Location", "/runs/\(RunJSON.identifier(of: run.number))")
                let isOver = wait != nil && run.hasEnded
                return Self.response(run, as: form, status: isOver ? 200 : 202, headers: [location])
            }
        } body: {
            EngineProblems.Body(isSegment: true, steps: stepPlaces)
        }
    }

    private func read(_ identifier: String, _ request: HTTPRequest, _ responder: HTTPResponder) throws(Problem) {
        let query = QueryReader(request)
        let wait = query.duration("wait", upTo: EngineCalls.longestWait)
        try query.check()
        let run = try run(identifier)
        let form = form(of: request)
        guard let wait, wait > 0, !run.hasEnded else {
            responder.respond(Self.response(run, as: form))
            return
        }
        let place = try calls.place(for: responder)
        try calls.post(to: responder, patienceMilliseconds: EngineCalls.patienceMilliseconds(for: wait)) { completion in
            .awaitRun(run.number, nanoseconds: wait, completion)
        } response: { run in
            withExtendedLifetime(place) { Self.response(run, as: form) }
        }
    }

    private func list(_ request: HTTPRequest) throws(Problem) -> HTTPResponse {
        let query = QueryReader(request)
        let after = query.integer("after", in: 0...Int.max) ?? 0
        let limit = query.integer("limit", in: 1...Self.maximumPage) ?? Self.defaultPage
        try query.check()
        let page = engine.runs.page(after: UInt64(after), limit: limit)
        return HTTPResponse(status: 200) { json in
            json.beginObject()
            json.key("runs")
            json.beginArray()
            for run in page.runs {
                RunJSON.write(run, to: &json)
            }
            json.endArray()
            json.member("next", page.hasMore ? page.runs.last?.number : nil)
            json.endObject()
        }
    }

    private func run(_ identifier: String) throws(Problem) -> RunRecord {
        guard let number = RunJSON.number(of: identifier), let run = engine.runs.run(number) else {
            throw Problem(
                .notFound,
                detail: "there is no run \"\(identifier.prefix(40))\"; "
                    + "the latest \(engine.runs.capacity) that have ended are remembered")
        }
        return run
    }

    private func form(of request: HTTPRequest) -> Form {
        ContentNegotiation.preferred(of: Self.types, by: request) == RunXML.mediaType ? .xml : .json
    }

    private static func response(
        _ run: RunRecord, as form: Form, status: Int = 200, headers: [HTTPField] = []
    ) -> HTTPResponse {
        switch form {
        case .json:
            HTTPResponse(status: status, headers: headers) { json in RunJSON.write(run, to: &json) }
        case .xml:
            HTTPResponse(
                status: status, headers: [HTTPField("Content-Type", RunXML.mediaType)] + headers,
                body: RunXML.octets(run))
        }
    }
}

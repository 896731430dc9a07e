import HTTPMessage
import JSONText
import SegmentEngine

/// Endpoints: create, list, read, start, stop, remove.
struct EndpointRoutes: Sendable {
    private static let defaultPage = 100

    let engine: EngineHandle
    let calls: EngineCalls

    var routes: [Route] {
        [
            Route("POST", "/endpoints") { request, _, responder throws(Problem) in try create(request, responder) },
            .immediate("GET", "/endpoints") { request, _ throws(Problem) in try list(request) },
            .immediate("GET", "/endpoints/{id}") { request, parameters throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return Self.response(try endpoint(parameters[0]))
            },
            Route("PATCH", "/endpoints/{id}") { request, parameters, responder throws(Problem) in
                try modify(parameters[0], request, responder)
            },
            Route("DELETE", "/endpoints/{id}") { request, parameters, responder throws(Problem) in
                try change(request, responder, effect: .ends) { .remove(id: parameters[0], $0) }
            },
            Route("POST", "/endpoints/{id}/start") { request, parameters, responder throws(Problem) in
                try change(request, responder, effect: .begins) { .start(id: parameters[0], $0) }
            },
            Route("POST", "/endpoints/{id}/stop") { request, parameters, responder throws(Problem) in
                try change(request, responder, effect: .ends) { .stop(id: parameters[0], $0) }
            },
        ]
    }

    /// The present bearer of an id.
    func endpoint(_ id: String) throws(Problem) -> EndpointRecord {
        guard let endpoint = engine.endpoints.endpoint(id) else {
            throw EngineProblems.problem(.init(.unknownEndpoint(id: id)))
        }
        return endpoint
    }

    private func create(_ request: HTTPRequest, _ responder: HTTPResponder) throws(Problem) {
        let query = QueryReader(request)
        try query.check()
        let violations = Violations()
        let body = try RequestBody.json(request, reporting: violations)
        let isList = body.isList
        let readers = isList ? body.array(upTo: engine.configuration.maximumEndpoints) ?? [] : [body]
        var definitions: [EndpointDefinition] = []
        for reader in readers where !violations.isFull {
            if let definition = EndpointReader.definition(reader) {
                definitions.append(definition)
            }
        }
        try violations.check()
        try calls.post(to: responder, effect: .begins) { completion in
            .create(definitions, completion)
        } response: { endpoints in
            isList ? Self.response(endpoints) : Self.created(endpoints)
        } body: {
            EngineProblems.Body(isList: isList)
        }
    }

    private func list(_ request: HTTPRequest) throws(Problem) -> HTTPResponse {
        let query = QueryReader(request)
        let after = query.integer("after", in: 0...Int(UInt32.max)) ?? 0
        let limit = query.integer("limit", in: 1...CaptureRoutes.maximumPage) ?? Self.defaultPage
        try query.check()
        let page = engine.endpoints.page(after: UInt32(after), limit: limit)
        return Self.response(page.endpoints, next: page.hasMore ? page.endpoints.last?.serial : nil)
    }

    private func modify(_ id: String, _ request: HTTPRequest, _ responder: HTTPResponder) throws(Problem) {
        try QueryReader(request).check()
        let violations = Violations()
        let body = try RequestBody.json(request, orType: RequestBody.mergePatch, reporting: violations)
        let change = EndpointChangeReader.change(body, of: try endpoint(id))
        try violations.check()
        try calls.post(to: responder, effect: .begins, { .change(id: id, change, $0) }, response: Self.response)
    }

    /// Has the engine change an endpoint, and answers with the endpoint.
    private func change(
        _ request: HTTPRequest, _ responder: HTTPResponder, effect: EngineCalls.Effect,
        _ command: (@escaping EngineCommand.Completion<EndpointRecord>) -> EngineCommand
    ) throws(Problem) {
        try QueryReader.refuseParameters(of: request)
        try RequestBody.checkEmpty(request)
        try calls.post(to: responder, effect: effect, command, response: Self.response)
    }

    private static func response(_ endpoint: EndpointRecord) -> HTTPResponse {
        HTTPResponse(status: 200) { json in EndpointJSON.write(endpoint, to: &json) }
    }

    private static func created(_ endpoints: [EndpointRecord]) -> HTTPResponse {
        guard let endpoint = endpoints.first else { return HTTPResponse(Problem(.internalError)) }
        return HTTPResponse(status: 201, headers: [HTTPField("Location", "/endpoints/\(endpoint.id)")]) { json in
            EndpointJSON.write(endpoint, to: &json)
        }
    }

    private static func response(_ endpoints: [EndpointRecord]) -> HTTPResponse {
        HTTPResponse(status: 201) { json in
            json.beginObject()
            write(endpoints, to: &json)
            json.endObject()
        }
    }

    private static func response(_ endpoints: [EndpointRecord], next: UInt32?) -> HTTPResponse {
        HTTPResponse(status: 200) { json in
            json.beginObject()
            write(endpoints, to: &json)
            json.member("next", next)
            json.endObject()
        }
    }

    private static func write(_ endpoints: [EndpointRecord], to json: inout JSONWriter) {
        json.key("endpoints")
        json.beginArray()
        for endpoint in endpoints {
            EndpointJSON.write(endpoint, to: &json)
        }
        json.endArray()
    }
}

import CaptureFilter
import HTTPMessage
import JSONText
import SegmentEngine

/// Segments: send one, and read what was received and sent.
struct SegmentRoutes: Sendable {
    static let maximumPage = 10_000
    private static let defaultPage = 100
    static let longestWait: UInt64 = 3_600_000_000_000

    private enum Truth: String, CaseIterable {
        case `true`, `false`
    }

    let engine: EngineHandle
    let calls: EngineCalls
    let instance: String

    var routes: [Route] {
        [
            Route("POST", "/endpoints/{id}/segments") { request, parameters, responder throws(Problem) in
                try send(request, from: parameters[0], responder)
            },
            .immediate("GET", "/endpoints/{id}/segments") { request, parameters throws(Problem) in
                let query = QueryReader(request)
                return try list(query, of: parameters[0])
            },
            .immediate("GET", "/segments") { request, _ throws(Problem) in
                let query = QueryReader(request)
                return try list(query, of: query.string("endpoint"))
            },
            .immediate("GET", "/segments/{id}") { request, parameters throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return try read(parameters[0])
            },
        ]
    }

    private func send(
        _ request: HTTPRequest, from id: String, _ responder: HTTPResponder
    ) throws(Problem) {
        let query = QueryReader(request)
        let wait = query.duration("wait", upTo: Self.longestWait)
        let isPreview = query.choice("validate", Truth.self) == .true
        let replay = ReplayReader.isCapture(request) ? ReplayOptions(query) : nil
        try query.check()
        guard let endpoint = engine.endpoints.endpoint(id) else {
            throw EngineProblems.problem(.init(.unknownEndpoint(id: id)))
        }
        let violations = Violations()
        let plan: TransmissionPlan
        let isList: Bool
        if let replay {
            plan = ReplayReader.plan(
                of: request.body, for: endpoint.definition, replay, reporting: violations)
            // An error gives a segment's number among those that are sent.
            isList = true
        } else {
            let body = try RequestBody.json(request, reporting: violations)
            plan = PlanReader.plan(body)
            if plan.segmentCount == nil { body.report("has more segments than can be counted") }
            isList = body.isList
        }
        try violations.check()
        let place = EngineProblems.Body(isList: isList, isSegment: true)
        if isPreview {
            responder.respond(try preview(plan, from: endpoint, place))
            return
        }
        let patience = EngineCalls.patienceMilliseconds + Int((wait ?? 0) / 1_000_000)
        try calls.post(to: responder, patienceMilliseconds: patience) { completion in
            .send(plan, from: id, waitNanoseconds: wait, completion)
        } response: { transmission in
            let location = "/transmissions/\(TransmissionJSON.identifier(of: transmission.number))"
            let isOver = wait != nil && transmission.hasEnded
            return HTTPResponse(status: isOver ? 200 : 202, headers: [HTTPField("Location", location)]) { json in
                TransmissionJSON.write(transmission, to: &json)
            }
        } body: {
            place
        }
    }

    /// Shows what would leave.
    private func preview(
        _ plan: TransmissionPlan, from endpoint: EndpointRecord, _ place: EngineProblems.Body
    ) throws(Problem) -> HTTPResponse {
        let datagrams: [[UInt8]]
        do throws(EngineError.Located) {
            datagrams = try SegmentPreview.datagrams(
                of: plan, from: endpoint.definition, under: engine.configuration.policy)
        } catch {
            throw EngineProblems.problem(error, in: place)
        }
        return HTTPResponse(status: 200) { json in
            json.beginObject()
            json.key("segments")
            json.beginArray()
            for datagram in datagrams {
                json.beginObject()
                json.member("octets", hexadecimal: datagram.span)
                FieldMap(of: datagram.span).write(to: &json)
                json.member("kernelFills", .array(SegmentPreview.filledByKernel.map(JSONValue.string)))
                json.endObject()
            }
            json.endArray()
            json.endObject()
        }
    }

    private func list(_ query: QueryReader, of id: String?) throws(Problem) -> HTTPResponse {
        let direction = query.choice("direction", CaptureQuery.Direction.self) ?? .received
        let after = query.integer("after", in: 0...Int.max)
        let limit = query.integer("limit", in: 1...Self.maximumPage) ?? Self.defaultPage
        let filter = query.captureFilter("filter")
        try query.check()

        var subject: CaptureQuery.Subject?
        if let id {
            guard let endpoint = engine.endpoints.endpoint(id) else {
                throw EngineProblems.problem(.init(.unknownEndpoint(id: id)))
            }
            subject = CaptureQuery.Subject(endpoint: endpoint.serial, socket: endpoint.socket?.serial)
        }
        let page: CapturePage
        do throws(CursorError) {
            page = try engine.captures.page(
                for: CaptureQuery(
                    subject: subject, direction: direction, after: after.map { UInt64($0) }, limit: limit,
                    filter: filter))
        } catch {
            throw Self.problem(error)
        }
        let capacity = (page.items.count + 1) * SegmentJSON.usualLength
        return HTTPResponse(status: 200, reservingCapacity: capacity) { json in write(page, to: &json) }
    }

    private func read(_ identifier: String) throws(Problem) -> HTTPResponse {
        guard let number = UInt64(identifier), String(number) == identifier, let page = engine.captures.segment(number),
            let item = page.items.first
        else {
            throw Problem(
                .notFound,
                detail: "there is no segment \"\(identifier.prefix(40))\"; "
                    + "the oldest is \(engine.captures.oldestNumber)")
        }
        return HTTPResponse(status: 200) { json in
            var segments = SegmentJSON(directory: engine.endpoints)
            segments.write(item, of: page, to: &json, isWhole: true)
        }
    }

    private func write(_ page: CapturePage, to json: inout JSONWriter) {
        var segments = SegmentJSON(directory: engine.endpoints)
        json.beginObject()
        json.key("segments")
        json.beginArray()
        for item in page.items {
            segments.write(item, of: page, to: &json)
        }
        json.endArray()
        json.member("next", page.next)
        json.member("oldest", page.oldest)
        json.key("lost")
        json.beginObject()
        json.member("kernel", page.lostInKernel)
        json.member("ring", page.lostInRing)
        json.endObject()
        json.member("timedOut", false)
        json.member("instance", instance)
        json.endObject()
    }

    private static func problem(_ error: CursorError) -> Problem {
        switch error {
        case .gone(let oldest, let lost):
            Problem(
                .cursorGone, detail: "up to \(lost) segments have left the ring; the oldest is \(oldest)",
                extensions: [
                    ("oldest", .number(JSONNumber(oldest))), ("lost", .number(JSONNumber(lost))),
                ])
        case .future(let latest):
            Problem(
                .invalidField, detail: "the latest segment is \(latest)",
                violations: [.init(parameter: "after", detail: "is beyond the latest, \(latest)")])
        }
    }
}

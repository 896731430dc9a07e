import CaptureFilter
import HTTPMessage
import JSONText
import SegmentEngine

/// Segments: send them.
struct SegmentRoutes: Sendable {
    let engine: EngineHandle
    let calls: EngineCalls

    var routes: [Route] {
        [
            Route("POST", "/endpoints/{id}/segments") { request, parameters, responder throws(Problem) in
                try send(request, from: parameters[0], responder)
            }
        ]
    }

    private func send(
        _ request: HTTPRequest, from id: String, _ responder: HTTPResponder
    ) throws(Problem) {
        let query = QueryReader(request)
        let wait = query.duration("wait", upTo: EngineCalls.longestWait)
        let isPreview = query.truth("validate")
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
        // Taken until the answer is made.
        let waitingPlace = wait == nil ? nil : try calls.place(for: responder)
        try calls.post(
            to: responder, effect: .begins, patienceMilliseconds: EngineCalls.patienceMilliseconds(for: wait)
        ) { completion in
            .send(plan, from: id, waitNanoseconds: wait, completion)
        } response: { transmission in
            withExtendedLifetime(waitingPlace) { Self.response(transmission, waited: wait != nil) }
        } body: {
            place
        }
    }

    private static func response(_ transmission: TransmissionRecord, waited: Bool) -> HTTPResponse {
        let location = "/transmissions/\(TransmissionJSON.identifier(of: transmission.number))"
        let isOver = waited && transmission.hasEnded
        return HTTPResponse(status: isOver ? 200 : 202, headers: [HTTPField("Location", location)]) { json in
            TransmissionJSON.write(transmission, to: &json)
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
}

import HTTPMessage
import JSONText
import SegmentEngine

/// Transmissions: list them, see how far one has come, cancel it.
struct TransmissionRoutes: Sendable {
    private static let maximumPage = 10_000
    private static let defaultPage = 100

    let engine: EngineHandle
    let calls: EngineCalls

    var routes: [Route] {
        [
            .immediate("GET", "/transmissions") { request, _ throws(Problem) in try list(request) },
            Route("GET", "/transmissions/{id}") { request, parameters, responder throws(Problem) in
                try read(request, parameters[0], responder)
            },
            Route("DELETE", "/transmissions/{id}") { request, parameters, responder throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                try RequestBody.checkEmpty(request)
                let number = try transmission(parameters[0]).number
                try calls.post(to: responder, effect: .ends) {
                    .cancel(transmission: number, $0)
                } response: {
                    Self.response($0)
                }
            },
        ]
    }

    /// Shows a transmission, or waits for its end before.
    private func read(_ request: HTTPRequest, _ identifier: String, _ responder: HTTPResponder) throws(Problem) {
        let query = QueryReader(request)
        let wait = query.duration("wait", upTo: EngineCalls.longestWait)
        try query.check()
        let present = try transmission(identifier)
        guard let wait, wait > 0, !present.hasEnded else {
            responder.respond(Self.response(present))
            return
        }
        let place = try calls.place(for: responder)
        try calls.post(to: responder, patienceMilliseconds: EngineCalls.patienceMilliseconds(for: wait)) {
            .awaitEnd(transmission: present.number, waitNanoseconds: wait, $0)
        } response: { transmission in
            withExtendedLifetime(place) { Self.response(transmission) }
        }
    }

    private func transmission(_ identifier: String) throws(Problem) -> TransmissionRecord {
        guard let number = TransmissionJSON.number(of: identifier),
            let transmission = engine.transmissions.transmission(number)
        else {
            throw Problem(
                .notFound,
                detail: "there is no transmission \"\(identifier.prefix(40))\"; "
                    + "the latest \(engine.transmissions.capacity) are remembered")
        }
        return transmission
    }

    private func list(_ request: HTTPRequest) throws(Problem) -> HTTPResponse {
        let query = QueryReader(request)
        let after = query.integer("after", in: 0...Int.max) ?? 0
        let limit = query.integer("limit", in: 1...Self.maximumPage) ?? Self.defaultPage
        try query.check()
        let page = engine.transmissions.page(after: UInt64(after), limit: limit)
        return HTTPResponse(status: 200) { json in
            json.beginObject()
            json.key("transmissions")
            json.beginArray()
            for transmission in page.transmissions {
                TransmissionJSON.write(transmission, to: &json)
            }
            json.endArray()
            json.member("next", page.hasMore ? page.transmissions.last?.number : nil)
            json.endObject()
        }
    }

    private static func response(_ transmission: TransmissionRecord) -> HTTPResponse {
        HTTPResponse(status: 200) { json in TransmissionJSON.write(transmission, to: &json) }
    }
}

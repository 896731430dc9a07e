import CaptureFile
import HTTPMessage
import JSONText
import SegmentEngine

/// Captured segments: read them, and wait for them.
struct CaptureRoutes: Sendable {
    static let maximumPage = 10_000
    private static let defaultPage = 100

    let engine: EngineHandle
    let calls: EngineCalls
    let version: ServiceVersion
    let instance: String

    var routes: [Route] {
        [
            Route("GET", "/endpoints/{id}/segments") { request, parameters, responder throws(Problem) in
                let query = QueryReader(request)
                try list(query, of: parameters[0], responder)
            },
            Route("GET", "/segments") { request, _, responder throws(Problem) in
                let query = QueryReader(request)
                try list(query, of: query.string("endpoint"), responder)
            },
            Route("GET", "/segments/stream", types: ["text/event-stream"]) { request, _, responder throws(Problem) in
                responder.respond(try stream(request))
            },
            Route("GET", "/segments.pcapng", types: [CaptureFileWriter.mediaType]) {
                request, _, responder throws(Problem) in
                try file(request, responder)
            },
            .immediate("GET", "/segments/{id}") { request, parameters throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return try read(parameters[0])
            },
        ]
    }

    private func list(_ query: QueryReader, of id: String?, _ responder: HTTPResponder) throws(Problem) {
        let selection = CaptureSelection(query, of: id, instance: instance)
        let limit = query.integer("limit", in: 1...Self.maximumPage) ?? Self.defaultPage
        let wait = query.duration("wait", upTo: EngineCalls.longestWait)
        let count = query.integer("count", in: 1...limit)
        if count != nil, wait == nil { query.violations.add("needs \"wait\"", parameter: "count") }
        try query.check()
        let captures = try selection.query(in: engine, limit: limit)
        if let wait {
            try hold(try reading(of: captures, count: count ?? 1), nanoseconds: wait, responder)
        } else {
            responder.respond(response(try page(for: captures), timedOut: false))
        }
    }

    private func page(for query: CaptureQuery) throws(Problem) -> CapturePage {
        do throws(CursorError) {
            return try engine.captures.page(for: query)
        } catch {
            throw Self.problem(error)
        }
    }

    func reading(of query: CaptureQuery, count: Int) throws(Problem) -> CaptureReading {
        do throws(CursorError) {
            return try engine.captures.reading(of: query, count: count)
        } catch {
            throw Self.problem(error)
        }
    }

    /// Answers when a reading is satisfied, or after so long; at once when it is already.
    private func hold(_ reading: CaptureReading, nanoseconds: UInt64, _ responder: HTTPResponder) throws(Problem) {
        guard !reading.isSatisfied, nanoseconds > 0 else {
            responder.respond(response(reading))
            return
        }
        let place = try calls.place(for: responder)
        engine.watch.wait(reading, nanoseconds: nanoseconds) { reading in
            // The place is taken until the answer is made.
            responder.respond { withExtendedLifetime(place) { response(reading) } }
        }
    }

    /// What a reading has found when it ends, and what has come since.
    private func response(_ reading: CaptureReading) -> HTTPResponse {
        var reading = reading
        engine.captures.complete(&reading, in: engine.endpoints)
        return response(reading.page, timedOut: !reading.isSatisfied)
    }

    private func response(_ page: CapturePage, timedOut: Bool) -> HTTPResponse {
        let capacity = (page.items.count + 1) * SegmentJSON.usualLength
        return HTTPResponse(status: 200, reservingCapacity: capacity) { json in
            write(page, timedOut: timedOut, to: &json)
        }
    }

    /// The segments that match from now on, or after a cursor, as server-sent events.
    private func stream(_ request: HTTPRequest) throws(Problem) -> HTTPResponse {
        let query = QueryReader(request)
        let selection = CaptureSelection(query, of: query.string("endpoint"), instance: instance)
        let resumed = query.lastEventID(request)
        try query.check()
        var captures = try selection.query(in: engine, limit: CaptureEventStream.pageLimit)
        captures.after = resumed ?? captures.after
        let follower = try follower(of: captures, from: resumed == nil ? "after" : QueryReader.lastEventID)
        let stream = CaptureEventStream(
            follower, segments: SegmentJSON(directory: engine.endpoints), instance: instance, place: try calls.place())
        return HTTPResponse(headers: [HTTPField("Content-Type", "text/event-stream")], stream: stream)
    }

    /// Who takes what a query asks for from its cursor on or, without one, from now on.
    func follower(of query: CaptureQuery, from parameter: String) throws(Problem) -> CaptureFollower {
        let latest = engine.captures.latestNumber
        if let after = query.after, after > latest { throw Self.problem(.future(latest: latest), in: parameter) }
        return CaptureFollower(query, after: query.after ?? latest, of: engine)
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

    private func write(_ page: CapturePage, timedOut: Bool, to json: inout JSONWriter) {
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
        json.member("timedOut", timedOut)
        json.member("instance", instance)
        json.endObject()
    }

    static func problem(_ error: CursorError, in parameter: String = "after") -> Problem {
        switch error {
        case .gone(let oldest, let lost, let lostInKernel):
            Problem(
                .cursorGone, detail: "up to \(lost) segments have left the ring; the oldest is \(oldest)",
                extensions: [
                    ("oldest", .number(JSONNumber(oldest))), ("lost", .number(JSONNumber(lost))),
                    ("lostInKernel", .number(JSONNumber(lostInKernel))),
                ])
        case .future(let latest):
            Problem(
                .invalidField, detail: "the latest segment is \(latest)",
                violations: [.init(parameter: parameter, detail: "is beyond the latest, \(latest)")])
        }
    }
}

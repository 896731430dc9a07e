import CaptureFile
import HTTPMessage
import SegmentEngine

/// Captured segments as a file: what there is, what is waited for, or all that comes.
extension CaptureRoutes {
    /// The same segments as a capture file: all there are, unless a limit says otherwise.
    func file(_ request: HTTPRequest, _ responder: HTTPResponder) throws(Problem) {
        let query = QueryReader(request)
        let selection = CaptureSelection(query, of: query.string("endpoint"), instance: instance)
        let follows = query.truth("follow")
        let given = query.integer("limit", in: 1...Int.max)
        let limit = given ?? .max
        let wait = query.duration("wait", upTo: EngineCalls.longestWait)
        let count = query.integer("count", in: 1...min(limit, Self.maximumPage))
        if count != nil, wait == nil { query.violations.add("needs \"wait\"", parameter: "count") }
        for (name, isThere) in [("limit", given != nil), ("wait", wait != nil)] where follows && isThere {
            query.violations.add("is not for a file that follows", parameter: name)
        }
        try query.check()
        if follows {
            let captures = try selection.query(in: engine, limit: CaptureEventStream.pageLimit)
            let follower = try follower(of: captures, from: "after")
            responder.respond(file(.follower(follower, place: try calls.place())))
            return
        }
        var captures = try selection.query(in: engine, limit: limit)
        guard let wait else {
            responder.respond(try file(captures))
            return
        }
        // What is waited for without a cursor is new.
        captures.after = captures.after ?? engine.captures.latestNumber
        let waitedFor = captures
        let reading = try reading(of: waitedFor, count: count ?? 1)
        guard !reading.isSatisfied, wait > 0 else {
            responder.respond(try file(captures))
            return
        }
        let place = try calls.place(for: responder)
        engine.watch.wait(reading, nanoseconds: wait) { _ in
            responder.respond {
                withExtendedLifetime(place) {
                    do throws(Problem) { return try file(waitedFor) } catch { return HTTPResponse(error) }
                }
            }
        }
    }

    private func file(_ query: CaptureQuery) throws(Problem) -> HTTPResponse {
        let extract: CaptureExtract
        do throws(CursorError) {
            extract = try CaptureExtract(query, of: engine.captures)
        } catch {
            throw Self.problem(error)
        }
        return file(.extract(extract))
    }

    private func file(_ source: CaptureFileStream.Source) -> HTTPResponse {
        HTTPResponse(
            headers: [
                HTTPField("Content-Type", CaptureFileWriter.mediaType),
                HTTPField("Content-Disposition", "attachment; filename=\"segments.pcapng\""),
            ],
            stream: CaptureFileStream(source, naming: engine.endpoints, version: version.version))
    }
}

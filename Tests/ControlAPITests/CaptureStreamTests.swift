import HTTPMessage
import JSONText
import TCPWire
import Testing

@testable import SegmentEngine

/// Segments as server-sent events.
@Suite struct CaptureStreamTests {
    private func datagram() throws -> [UInt8] {
        let segment = TCPSegment(sourcePort: 50_001, destinationPort: 50_000)
        return try TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment).encoded()
    }

    private func bench(waiters: Int = 10) throws -> Bench {
        let bench = try Bench { $0.maximumWaiters = waiters }
        bench.publish(EndpointDefinition(preset: .server))
        return bench
    }

    /// A stream as its client reads it.
    private struct Reader {
        private var source: any BodySource
        private let bell = BodyBell()

        init(_ response: HTTPResponse) throws {
            #expect(response.status == 200)
            #expect(response["Content-Type"] == "text/event-stream")
            source = try #require(response.stream)
            #expect(next() == ": instance i1\n\n")
        }

        /// The next piece, each segment shortened to its id; nothing when there is none yet.
        mutating func next() -> String? {
            switch source.nextPiece(ringing: bell) {
            case .octets(let octets):
                String(decoding: octets, as: UTF8.self)
                    .replacing(#/(data: \{"id":\d+),.*\}/#) { match in match.1 + "}" }
            case .later: nil
            case .end: "end"
            }
        }

        /// Whether the bell has been rung since.
        func isRung() -> Bool { !bell.wait {} }
    }

    private func events(_ ids: Int...) -> String {
        ids.map { "id: \($0)\ndata: {\"id\":\($0)}\n\n" }.joined()
    }

    @Test func areSentAsTheyCome() throws {
        let bench = try bench()
        bench.capture(try datagram())
        var reader = try Reader(try bench.answer("GET", "/segments/stream"))
        #expect(reader.next() == nil)
        bench.watch()
        #expect(reader.next() == nil, "not before it was told")
        for id in 2...5 {
            bench.capture(try datagram())
            bench.watch()
            #expect(reader.isRung())
            #expect(reader.next() == events(id))
            #expect(reader.next() == nil)
        }
        bench.capture(try datagram())
        bench.capture(try datagram())
        bench.watch()
        bench.capture(try datagram())
        #expect(reader.next() == events(6, 7, 8))
    }

    @Test func eachIsOneLineAsEverywhereElse() throws {
        let bench = try bench()
        bench.capture(try datagram())
        let response = try bench.answer("GET", "/segments/stream?after=0")
        var source = try #require(response.stream)
        _ = source.nextPiece(ringing: BodyBell())
        guard case .octets(let octets) = source.nextPiece(ringing: BodyBell()) else {
            Issue.record("no event")
            return
        }
        let lines = String(decoding: octets, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 4 && lines[0] == "id: 1" && lines[2] == "" && lines[3] == "")
        let page = try bench.answer("GET", "/segments").text
        #expect(page.hasPrefix(#"{"segments":["# + lines[1].dropFirst(6) + "]"))
    }

    @Test(arguments: [
        ("?after=2", nil, [3, 4] as [Int]), ("?after=0", "2", [3, 4]), ("", "3", [4]), ("?after=1", "", [2, 3, 4]),
    ])
    func resumeAfterACursor(query: String, lastEventID: String?, ids: [Int]) throws {
        let bench = try bench()
        for _ in 0..<4 { bench.capture(try datagram()) }
        let headers = lastEventID.map { [HTTPField("Last-Event-ID", $0)] } ?? []
        var reader = try Reader(try bench.answer("GET", "/segments/stream\(query)", headers: headers))
        #expect(reader.next() == ids.map { events($0) }.joined())
        #expect(reader.next() == nil)
    }

    @Test func onlyWhatMatchesIsSent() throws {
        let bench = try bench()
        let target = "/segments/stream?endpoint=server&direction=sent&instance=i1&after=0"
        var reader = try Reader(try bench.answer("GET", target))
        #expect(reader.next() == nil)
        bench.capture(try datagram())
        bench.capture(try datagram(), .sent, endpoint: 9)
        bench.watch()
        #expect(!reader.isRung())
        #expect(reader.next() == nil)
        bench.capture(try datagram(), .sent)
        bench.watch()
        #expect(reader.next() == events(3))
    }

    /// What a slow reader has missed is told where it is missing.
    @Test func gapsAreToldInTheirPlace() throws {
        let bench = try bench()
        for _ in 0..<20 { bench.capture(try datagram()) }
        var reader = try Reader(try bench.answer("GET", "/segments/stream?after=0"))
        #expect(
            reader.next() == "event: gap\nid: 12\ndata: {\"kernel\":0,\"ring\":12}\n\n"
                + events(13, 14, 15, 16, 17, 18, 19, 20))
        bench.capture(try datagram())
        bench.capture([], .loss, endpoint: 0, lost: 4)
        bench.capture([], .loss, endpoint: 0, lost: 5)
        bench.capture(try datagram())
        bench.capture([], .loss, endpoint: 0, lost: 6)
        #expect(reader.next() == events(21))
        #expect(reader.next() == "event: gap\nid: 23\ndata: {\"kernel\":9,\"ring\":0}\n\n" + events(24))
        #expect(reader.next() == "event: gap\nid: 25\ndata: {\"kernel\":6,\"ring\":0}\n\n")
        #expect(reader.next() == nil)
        // A loss needs no segment after it to be told.
        bench.capture([], .loss, endpoint: 0, lost: 7)
        bench.watch()
        #expect(reader.next() == "event: gap\nid: 26\ndata: {\"kernel\":7,\"ring\":0}\n\n")
        // What was found while it waited comes before what the ring gives up until it is asked for.
        #expect(reader.next() == nil)
        bench.capture(try datagram())
        bench.watch()
        for _ in 0..<10 { bench.capture(try datagram()) }
        #expect(reader.next() == events(27))
        #expect(
            reader.next() == "event: gap\nid: 29\ndata: {\"kernel\":0,\"ring\":2}\n\n"
                + events(30, 31, 32, 33, 34, 35, 36, 37))
    }

    @Test func aPieceIsNotMuchLargerThanALargeSegment() throws {
        let bench = try Bench { $0.ringOctets = 1 << 20 }
        let large = [UInt8](repeating: 0, count: 40_000)
        for _ in 0..<6 { bench.capture(large) }
        var reader = try Reader(try bench.answer("GET", "/segments/stream?after=0"))
        for ids in [[1, 2], [3, 4], [5, 6]] { #expect(reader.next() == ids.map { events($0) }.joined()) }
    }

    @Test func endWithTheirEndpoint() throws {
        let bench = try bench()
        var reader = try Reader(try bench.answer("GET", "/segments/stream?endpoint=server"))
        var others = try Reader(try bench.answer("GET", "/segments/stream"))
        #expect(reader.next() == nil && others.next() == nil)
        bench.capture(try datagram())
        _ = try bench.answer("DELETE", "/endpoints/server")
        bench.watch()
        #expect(reader.next() == events(1))
        #expect(reader.next() == ": the endpoint is gone\n\n")
        #expect(reader.next() == "end")
        #expect(others.next() == events(1))
        #expect(others.next() == nil)
    }

    @Test func takePlaces() throws {
        let bench = try bench(waiters: 1)
        var response: HTTPResponse? = try bench.answer("GET", "/segments/stream")
        #expect(response?.status == 200)
        #expect(try bench.answer("GET", "/segments/stream").status == 503)
        #expect(try bench.answer("GET", "/segments?wait=1s").status == 503)
        response = nil
        #expect(bench.engine.watch.places.takenCount == 0)
    }

    @Test(arguments: [
        ("?after=9", nil, "after: is beyond the latest, 0"), ("", "9", "Last-Event-ID: is beyond the latest, 0"),
        ("", "-1", "Last-Event-ID: \"-1\" is not a cursor"), ("", "01", "Last-Event-ID: \"01\" is not a cursor"),
        ("?limit=1", nil, "limit: unknown parameter"), ("?wait=1s", nil, "wait: unknown parameter"),
        ("?instance=x", nil, #"instance: "x" has ended, and its cursors with it; this is "i1""#),
    ])
    func refuseWhatTheyCannotFollow(query: String, lastEventID: String?, expected: String) throws {
        let headers = lastEventID.map { [HTTPField("Last-Event-ID", $0)] } ?? []
        let bench = try bench()
        let response = try bench.answer("GET", "/segments/stream\(query)", headers: headers)
        #expect(response.status == 422)
        #expect(response.violations == [expected])
        #expect(bench.engine.watch.places.takenCount == 0)
        #expect(try bench.answer("GET", "/segments/stream?endpoint=x").status == 404)
    }

    @Test(arguments: [
        (nil, 200), ("text/event-stream", 200), ("text/*", 200), ("*/*", 200), ("application/json", 406),
        ("text/event-stream;q=0", 406),
    ])
    func areEventsOnly(accept: String?, status: Int) throws {
        let headers = accept.map { [HTTPField("Accept", $0)] } ?? []
        #expect(try bench().answer("GET", "/segments/stream", headers: headers).status == status)
    }

    @Test func theirPathIsTheirOwn() throws {
        let bench = try bench()
        #expect(try bench.answer("OPTIONS", "/segments/stream")["Allow"] == "GET, HEAD, OPTIONS")
        #expect(try bench.answer("POST", "/segments/stream")["Allow"] == "GET, HEAD, OPTIONS")
    }
}

import HTTPMessage
import JSONText
import TCPWire
import Testing

@testable import SegmentEngine

/// Reads that are held until there is something to answer.
@Suite struct CaptureWaitTests {
    private func datagram() throws -> [UInt8] {
        let segment = TCPSegment(sourcePort: 50_001, destinationPort: 50_000)
        return try TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment).encoded()
    }

    private func bench(waiters: Int = 10) throws -> Bench {
        let bench = try Bench { $0.maximumWaiters = waiters }
        bench.publish(EndpointDefinition(preset: .server))
        return bench
    }

    /// The ids of the segments of an answer, where to go on from, and whether the time was up.
    private func summary(_ response: HTTPResponse?) -> String {
        guard let json = response?.json, case .array(let segments)? = json["segments"] else { return "none" }
        let ids = segments.map { $0["id"].map { "\($0)" } ?? "?" }.joined(separator: " ")
        return "[\(ids)] \(json["next"] ?? .null) \(json["timedOut"] ?? .null)"
    }

    private func expected(_ ids: [Int], next: Int, timedOut: Bool) -> String {
        let ids = ids.map { "\(JSONValue.number(JSONNumber($0)))" }.joined(separator: " ")
        return "[\(ids)] \(JSONValue.number(JSONNumber(next))) \(JSONValue.bool(timedOut))"
    }

    @Test func areAnsweredAtOnceWhenAllIsThere() throws {
        let bench = try bench(waiters: 1)
        let blocker = try bench.begin("GET", "/segments?wait=1h&count=5")
        for _ in 0..<3 { bench.capture(try datagram()) }
        for (target, ids, next) in [
            ("/segments?after=0&wait=1h", [1, 2, 3], 3), ("/segments?after=1&wait=1h&count=2", [2, 3], 3),
            ("/segments?after=0&wait=1h&limit=2&count=2", [1, 2], 2),
            ("/endpoints/server/segments?after=2&wait=1h", [3], 3),
        ] {
            // Even with no place left.
            let response = try bench.answer("GET", target)
            #expect(response.status == 200)
            #expect(summary(response) == expected(ids, next: next, timedOut: false), "\(target)")
        }
        #expect(!blocker.isAnswered)
    }

    @Test(arguments: [("", [3, 4, 5], 5), ("&after=2", [3, 4, 5], 5), ("&after=0", [1, 2, 3], 3)])
    func areHeldUntilSoManyMatch(after: String, ids: [Int], next: Int) throws {
        let bench = try bench()
        bench.capture(try datagram())
        bench.capture(try datagram())
        let responder = try bench.begin("GET", "/segments?wait=1h&count=3\(after)")
        for _ in 0..<2 {
            bench.watch()
            #expect(!responder.isAnswered || after == "&after=0")
            bench.capture(try datagram())
        }
        bench.watch()
        let isEarly = after == "&after=0"
        #expect(responder.isAnswered == isEarly)
        bench.capture(try datagram())
        bench.watch()
        let response = try #require(responder.takeResponse())
        // What has come since the count was reached is there too.
        #expect(
            summary(response)
                == expected(isEarly ? [1, 2, 3, 4, 5] : ids, next: isEarly ? 5 : next, timedOut: false))
        #expect(bench.engine.watch.places.takenCount == 0)
    }

    @Test func onlyWhatMatchesCounts() throws {
        let bench = try bench()
        let server = try bench.begin("GET", "/segments?wait=1h&endpoint=server")
        let sent = try bench.begin("GET", "/segments?wait=1h&direction=sent")
        bench.capture(try datagram(), endpoint: 7)
        bench.capture([], .loss, endpoint: 0, lost: 9)
        bench.watch()
        #expect(!server.isAnswered && !sent.isAnswered)
        bench.capture(try datagram())
        bench.watch()
        #expect(summary(server.takeResponse()) == expected([3], next: 3, timedOut: false))
        #expect(!sent.isAnswered)
        bench.capture(try datagram(), .sent)
        bench.watch()
        #expect(summary(sent.takeResponse()) == expected([4], next: 4, timedOut: false))
    }

    @Test func endWithWhatThereIsWhenTheTimeIsUp() throws {
        let bench = try bench()
        bench.capture(try datagram())
        let now = try bench.answer("GET", "/segments?after=0&wait=0s&count=2")
        #expect(summary(now) == expected([1], next: 1, timedOut: true))
        #expect(summary(try bench.answer("GET", "/segments?wait=0s")) == expected([], next: 1, timedOut: true))
        let responder = try bench.begin("GET", "/segments?after=0&wait=1ns&count=2")
        bench.watch()
        #expect(summary(responder.takeResponse()) == expected([1], next: 1, timedOut: true))
    }

    @Test func endWhenTheEndpointIsRemoved() throws {
        let bench = try bench()
        let responder = try bench.begin("GET", "/segments?wait=1h&endpoint=server&count=2")
        let others = try bench.begin("GET", "/segments?wait=1h&count=2")
        bench.capture(try datagram())
        bench.watch()
        _ = try bench.answer("DELETE", "/endpoints/server")
        bench.watch()
        #expect(summary(responder.takeResponse()) == expected([1], next: 1, timedOut: true))
        #expect(!others.isAnswered)
        #expect(try bench.answer("GET", "/segments?wait=1h&endpoint=server").status == 404)
    }

    @Test func tellWhatWasLostWhileTheyWereHeld() throws {
        let bench = try bench()
        let endpoint = try #require(bench.engine.endpoints.endpoint("server"))
        bench.capture([], .loss, endpoint: 0, lost: 100)
        // Before the first look the ring gives up what it holds.
        let responder = try bench.begin("GET", "/segments?after=1&wait=1h&count=9")
        for _ in 0..<10 { bench.capture(try datagram(), endpoint: endpoint.serial) }
        bench.capture([], .loss, endpoint: 0, lost: 3)
        bench.watch()
        for _ in 0..<2 { bench.capture(try datagram(), endpoint: endpoint.serial) }
        bench.watch()
        let response = try #require(responder.takeResponse())
        #expect(summary(response) == expected([5, 6, 7, 8, 9, 10, 11, 13, 14], next: 14, timedOut: false))
        #expect(response.text.contains(#""lost":{"kernel":3,"ring":3}"#))
    }

    @Test func haveSoManyPlacesAndNoMore() throws {
        let bench = try bench(waiters: 2)
        let first = try bench.begin("GET", "/segments?wait=1h")
        let second = try bench.begin("GET", "/segments?wait=1h&count=2")
        for target in ["/segments?wait=1h", "/endpoints/server/segments?wait=1h", "/transmissions/t1?wait=1h"] {
            _ = bench.engine.transmissions.begin(endpoint: "server", requested: 1)
            let refused = try bench.answer("GET", target)
            #expect(refused.status == 503)
            #expect(refused.json?["type"]?.text == "/problems/too-many-waiters")
            #expect(refused["Retry-After"] == "1")
        }
        #expect(try bench.answer("POST", "/endpoints/server/segments?wait=1s", "{}").status == 503)
        #expect(bench.latest == nil)
        bench.capture(try datagram())
        bench.watch()
        #expect(first.takeResponse()?.status == 200)
        let third = try bench.begin("GET", "/segments?wait=1h")
        bench.watch()
        // One whose client is gone has its place until its time is up.
        second.finish()
        #expect(try bench.answer("GET", "/segments?wait=1h").status == 503)
        bench.capture(try datagram())
        bench.watch()
        #expect(bench.engine.watch.places.takenCount == 1)
        #expect(third.takeResponse()?.status == 200)
        #expect(bench.engine.watch.places.takenCount == 0)
    }

    @Test(arguments: [
        ("wait=1", #"wait: "1" is not a duration such as 250ms or 2s, up to 3600s"#),
        ("wait=61m", #"wait: "61m" is not a duration such as 250ms or 2s, up to 3600s"#),
        ("count=1", #"count: needs "wait""#), ("wait=1s&count=0", #"count: "0" is not an integer in 1…100"#),
        ("wait=1s&count=101", #"count: "101" is not an integer in 1…100"#),
        ("wait=1s&count=3&limit=2", #"count: "3" is not an integer in 1…2"#),
        ("wait=1s&after=9", "after: is beyond the latest, 0"),
        ("instance=i2", #"instance: "i2" has ended, and its cursors with it; this is "i1""#),
    ])
    func refuseWhatCannotBeWaitedFor(query: String, expected: String) throws {
        let response = try bench().answer("GET", "/segments?\(query)")
        #expect(response.status == 422)
        #expect(response.violations == [expected])
    }

    @Test func takeTheInstanceTheyAreOf() throws {
        #expect(try bench().answer("GET", "/segments?instance=i1&after=0").status == 200)
    }

    @Test func refuseCursorsThatAreGone() throws {
        let bench = try bench()
        for _ in 0..<10 { bench.capture(try datagram()) }
        #expect(try bench.answer("GET", "/segments?wait=1h&after=1").status == 410)
        #expect(bench.engine.watch.places.takenCount == 0)
    }

    @Test func aTransmissionIsToldWhenItHasEnded() throws {
        let bench = try bench()
        var record = bench.engine.transmissions.begin(endpoint: "server", requested: 1)
        let responder = try bench.begin("GET", "/transmissions/t1?wait=2s")
        #expect(!responder.isAnswered)
        #expect(responder.patienceMilliseconds == 12_000)
        let posted = bench.engine.takePosted()
        guard case .awaitEnd(transmission: 1, waitNanoseconds: 2_000_000_000, let completion)? = posted.first else {
            Issue.record("the engine was not asked")
            return
        }
        record.state = .done
        completion(.success(record))
        #expect(responder.takeResponse()?.json?["state"]?.text == "done")
        // One that has ended needs nobody to wait.
        bench.engine.transmissions.publish(record)
        #expect(try bench.answer("GET", "/transmissions/t1?wait=2s").json?["state"]?.text == "done")
        #expect(bench.latest == nil)
        #expect(try bench.answer("GET", "/transmissions/t2?wait=2s").status == 404)
        #expect(try bench.answer("GET", "/transmissions/t1?wait=2").status == 422)
    }
}

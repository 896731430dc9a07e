import HTTPMessage
import JSONText
import LinuxSystem
import Testing

@testable import SegmentEngine

@Suite struct TransmissionRouteTests {
    private func bench(transmissions: Int = 0) throws -> Bench {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        for _ in 0..<transmissions { _ = bench.engine.transmissions.begin(endpoint: "server", requested: 5) }
        return bench
    }

    private func queued(_ number: Int, state: String = "queued", requested: Int = 5) -> String {
        #"{"id":"t\#(number)","endpoint":"server","state":"\#(state)","requested":\#(requested),"attempted":0,"sent":0,"#
            + #""outcomes":{},"octetsSent":0,"startedAt":null,"endedAt":null,"rate":null,"lateness":null,"#
            + #""firstError":null}"#
    }

    private func page(_ numbers: [Int], next: Int?) -> String {
        #"{"transmissions":[\#(numbers.map { queued($0) }.joined(separator: ","))],"next":\#(next.map(String.init) ?? "null")}"#
    }

    @Test(
        arguments: [
            ("/transmissions", [1, 2, 3], nil), ("/transmissions?limit=3", [1, 2, 3], nil),
            ("/transmissions?limit=2", [1, 2], 2), ("/transmissions?limit=2&after=2", [3], nil),
            ("/transmissions?after=3", [], nil), ("/transmissions?after=9223372036854775807", [], nil),
            ("/transmissions?limit=10000&after=0", [1, 2, 3], nil),
        ] as [(String, [Int], Int?)])
    func areListedInOrder(target: String, numbers: [Int], next: Int?) throws {
        let response = try bench(transmissions: 3).answer("GET", target)
        #expect(response.status == 200)
        #expect(response.text == page(numbers, next: next))
    }

    @Test func thereMayBeNone() throws {
        #expect(try bench().answer("GET", "/transmissions").text == #"{"transmissions":[],"next":null}"#)
    }

    @Test(arguments: [
        ("GET", "/transmissions?limit=0", #"limit: "0" is not an integer in 1…10000"#),
        ("GET", "/transmissions?limit=10001", #"limit: "10001" is not an integer in 1…10000"#),
        ("GET", "/transmissions?after=t1", #"after: "t1" is not an integer in 0…9223372036854775807"#),
        ("GET", "/transmissions?endpoint=server", "endpoint: unknown parameter"),
        ("DELETE", "/transmissions/t1?now=1", "now: unknown parameter"),
        ("POST", "/endpoints/server/segments?wait=1", #"wait: "1" is not a duration such as 250ms or 2s, up to 3600s"#),
        ("POST", "/endpoints/server/segments?wait=", #"wait: "" is not a duration such as 250ms or 2s, up to 3600s"#),
        (
            "POST", "/endpoints/server/segments?wait=3601s",
            #"wait: "3601s" is not a duration such as 250ms or 2s, up to 3600s"#
        ),
        (
            "POST", "/endpoints/server/segments?wait=-1s",
            #"wait: "-1s" is not a duration such as 250ms or 2s, up to 3600s"#
        ),
        ("POST", "/endpoints/server/segments?wait=1s&wait=1s", "wait: is there 2 times"),
        ("POST", "/endpoints/server/segments?validate=yes", #"validate: "yes" is none of true, false"#),
        ("POST", "/endpoints/server/segments?waits=1s", #"waits: unknown parameter, did you mean "wait"?"#),
    ])
    func refusesParametersItCannotRead(method: String, target: String, expected: String) throws {
        let bench = try bench(transmissions: 1)
        let response = try bench.answer(method, target, method == "POST" ? "{}" : "")
        #expect(response.status == 422)
        #expect(response.violations == [expected])
        #expect(bench.latest == nil)
    }

    @Test func areCancelled() throws {
        let bench = try bench(transmissions: 2)
        for _ in 0..<2 {
            let response = try bench.answer("DELETE", "/transmissions/t2")
            #expect(response.status == 200)
            #expect(response.text == queued(2, state: "cancelled"))
        }
        #expect(try bench.answer("GET", "/transmissions/t2").text == queued(2, state: "cancelled"))
        #expect(try bench.answer("GET", "/transmissions/t1").text == queued(1))
        guard case .cancel(transmission: 2, _)? = bench.latest else {
            Issue.record("the engine was not asked")
            return
        }
        for id in ["t3", "t0", "2", "x", "t+1"] {
            let response = try bench.answer("DELETE", "/transmissions/\(id)")
            #expect(response.status == 404)
            #expect(
                response.json?["detail"]?.text == "there is no transmission \"\(id)\"; the latest 10000 are remembered")
        }
    }

    /// It may be forgotten between the look and the command.
    @Test func oneThatTheEngineHasForgottenIsNotFound() throws {
        let bench = try bench(transmissions: 1)
        bench.failure = .init(.unknownTransmission(number: 1))
        let response = try bench.answer("DELETE", "/transmissions/t1")
        #expect(response.status == 404)
        #expect(response.json?["detail"]?.text == "there is no transmission \"t1\"")
    }

    @Test(arguments: [
        (false, nil, 202), (true, nil, 202), (false, "2s", 202), (true, "2s", 200), (true, "0s", 200),
        (true, "1h", 200),
    ])
    func whoWaitsIsToldWhetherItIsOver(isOver: Bool, wait: String?, status: Int) throws {
        let bench = try bench()
        let target = "/endpoints/server/segments" + (wait.map { "?wait=\($0)" } ?? "")
        let responder = try bench.begin("POST", target, "{}")
        guard case .send(_, "server", let nanoseconds, let completion)? = bench.engine.takePosted().first else {
            Issue.record("the engine was not asked")
            return
        }
        let expected: [String: UInt64] = ["0s": 0, "2s": 2_000_000_000, "1h": 3_600_000_000_000]
        #expect(nanoseconds == wait.flatMap { expected[$0] })
        #expect(responder.patienceMilliseconds == 10_000 + Int((nanoseconds ?? 0) / 1_000_000))
        var record = bench.engine.transmissions.begin(endpoint: "server", requested: 1)
        record.state = isOver ? .done : .sending
        completion(.success(record))
        let response = try #require(responder.takeResponse())
        #expect(response.status == status)
        #expect(response["Location"] == "/transmissions/t1")
        #expect(response.text == queued(1, state: isOver ? "done" : "sending", requested: 1))
    }

    @Test(
        arguments: [
            (TransmissionRecord.State.sending, "null"), (.done, #""2026-11-22T16:45:03.123456789Z""#),
            (.cancelled, #""2026-11-22T16:45:03.123456789Z""#),
        ])
    func showHowFastAndHowLateTheyAre(state: TransmissionRecord.State, endedAt: String) throws {
        let bench = try bench()
        var record = bench.engine.transmissions.begin(endpoint: "server", requested: 1_000_000_000_000)
        record.state = state
        record.outcomes[.sent] = 3_000_000
        record.outcomes[.blocked] = 1
        record.outcomes[.queueFull] = 2
        record.octetsSent = 96_000_000
        record.startedAt = Bench.time
        record.endedAt = Bench.time + 2_000_000_000
        record.lateness = .init(median: 12_000, percentile99: 80_001, maximum: 1_200_000)
        record.firstError = .init(outcome: .blocked, error: .notPermitted, mtu: nil)
        bench.engine.transmissions.publish(record)
        let response = try bench.answer("GET", "/transmissions/t1")
        #expect(
            response.text
                == #"{"id":"t1","endpoint":"server","state":"\#(state.rawValue)","requested":1000000000000,"#
                + #""attempted":3000003,"sent":3000000,"outcomes":{"sent":3000000,"blocked":1,"queueFull":2},"#
                + #""octetsSent":96000000,"startedAt":"2026-11-22T16:45:01.123456789Z","endedAt":\#(endedAt),"#
                + #""rate":1499999.5,"lateness":{"p50":"12us","p99":"80001ns","max":"1200us"},"#
                + #""firstError":{"outcome":"blocked","errno":"EPERM","#
                + #""detail":"Operation not permitted (EPERM): a firewall of this host forbids it"}}"#)
    }
}

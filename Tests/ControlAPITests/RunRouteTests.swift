import HTTPMessage
import JSONText
import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct RunRouteTests {
    private static let body = #"{"steps":[{"pause":"1s"},{"expect":{"endpoint":"server"}}]}"#
    private static let xml = [HTTPField("Accept", "application/xml")]

    private func bench(runs: Int = 0) throws -> Bench {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        for _ in 0..<runs { #expect(try bench.answer("POST", "/runs", Self.body).status == 202) }
        return bench
    }

    private func queued(_ number: Int, state: String = "queued") -> String {
        #"{"id":"r\#(number)","name":null,"state":"\#(state)","verdict":null,"reason":null,"#
            + #""createdAt":"2026-11-22T16:45:01.123456789Z","startedAt":null,"endedAt":null,"steps":["#
            + #"{"kind":"pause","endpoint":null,"state":"pending","at":null,"took":null,"reason":null,"#
            + #""segment":null,"nearMisses":[]},"#
            + #"{"kind":"expect","endpoint":"server","state":"pending","at":null,"took":null,"reason":null,"#
            + #""segment":null,"nearMisses":[]}],"lost":{"kernel":0,"ring":0}}"#
    }

    /// A run that has ended in every way at once.
    private func ended(_ bench: Bench) -> RunRecord {
        var template = SegmentTemplate()
        template.flags = .rst
        let occasion = PreparedSegment.Occasion(
            source: TransportAddress(address: .loopback, port: 50_001),
            destination: TransportAddress(address: .loopback, port: 50_000))
        let octets = (try? template.datagram(for: occasion).encoded()) ?? []
        let plan = RunPlan(
            name: "a <b>", endpoints: ["server"],
            steps: [
                .send(TransmissionPlan(steps: []), from: 0), .pause(nanoseconds: 1),
                .expectNone(.init(endpoint: 0, segment: SegmentExpectation(), nanoseconds: 1)),
                .expect(.init(endpoint: 0, segment: SegmentExpectation(), nanoseconds: 1)),
                .pause(nanoseconds: 1),
            ])
        var run = bench.engine.runs.begin(plan, createdAt: Bench.time)
        run.state = .done
        run.verdict = .unsatisfied
        run.startedAt = Bench.time + 1_000_000_000
        run.endedAt = Bench.time + 2_000_000_000
        run.lostInKernel = 3
        run.lostInRing = 4
        run.steps[0].state = .passed
        run.steps[0].at = Bench.time
        run.steps[0].tookNanoseconds = 1_234_567
        run.steps[0].outcomes = OutcomeCounts()
        run.steps[0].outcomes?[.sent] = 2
        run.steps[1].state = .passed
        run.steps[2].state = .inconclusive
        run.steps[2].reason = .lost(kernel: 3, ring: 1)
        run.steps[3].state = .failed
        run.steps[3].tookNanoseconds = 2_000_000_001
        run.steps[3].reason = .notReceived(within: 1_000_000)
        let segment = RunSegment(
            number: nil, endpoint: "server", direction: .kernel, timestampNanoseconds: Bench.time, octets: octets)
        run.steps[3].nearMisses = [
            NearMiss(
                segment: segment,
                differences: [
                    Difference("direction", .word("received"), .word("kernel"), hint: "so \"it\" is"),
                    Difference("ip.source", .pattern(.exactly(0x7f00_0009), of: .source), nil),
                    Difference(
                        "window", .pattern(.anyOf([.range(from: 1, to: 2), .bits(mask: 3, value: 2)]), of: .window),
                        .pattern(.exactly(7), of: .window)),
                    Difference("payload", .payload(.contains([0, 255])), .payload(.exactly([65]))),
                    Difference("flags", .flags([.syn, .ack]), .flags([])),
                    Difference("ip.dontFragment", .pattern(.exactly(1), of: .dontFragment), .step(3)),
                ])
        ]
        run.steps[4].state = .skipped
        run.reason = run.steps[2].reason
        bench.engine.runs.publish(run)
        return run
    }

    @Test(arguments: [(nil, 10_000), ("0s", 10_000), ("2s", 12_000), ("1h", 3_610_000)] as [(String?, Int)])
    func beginsAndMayWait(wait: String?, patience: Int) throws {
        let bench = try bench()
        let responder = try bench.begin("POST", "/runs" + (wait.map { "?wait=\($0)" } ?? ""), Self.body)
        #expect(responder.patienceMilliseconds == patience)
        bench.obeyPosted()
        let response = try #require(responder.takeResponse())
        #expect(response.status == 202)
        #expect(response["Location"] == "/runs/r1")
        #expect(response.text == queued(1))
    }

    @Test func answers200WhenItHasEndedInTime() throws {
        let bench = try bench()
        for (wait, status) in [("?wait=1s", 200), ("", 202)] {
            let responder = try bench.begin("POST", "/runs\(wait)", Self.body)
            guard case .run(let plan, _, let completion)? = bench.engine.takePosted().first else {
                Issue.record("the engine was not asked")
                return
            }
            var record = bench.engine.runs.begin(plan, createdAt: Bench.time)
            record.state = .done
            completion(.success(record))
            #expect(responder.takeResponse()?.status == status)
        }
    }

    @Test(
        arguments: [
            (
                EngineError.Located(.unknownEndpoint(id: "server"), step: 1), 422,
                #"/steps/1/expect/endpoint: there is no endpoint "server""#
            ),
            (.init(.endpointStopped(id: "server"), step: 1), 409, #"/steps/1/expect/endpoint: "server" is stopped"#),
            (.init(.tooManyRuns(limit: 5)), 429, nil), (.init(.stopping), 503, nil),
            (
                .init(.sourceNotAllowed(.loopback, own: .loopback), index: 2, step: 0), 403,
                "/steps/0/pause/segment/ip/source: 127.0.0.1 is not 127.0.0.1"
            ),
        ] as [(EngineError.Located, Int, String?)])
    func theEnginesRefusalsHaveTheirPlace(error: EngineError.Located, status: Int, violation: String?) throws {
        let bench = try bench()
        let responder = try bench.begin("POST", "/runs", Self.body)
        guard case .run(_, _, let completion)? = bench.engine.takePosted().first else {
            Issue.record("the engine was not asked")
            return
        }
        completion(.failure(error))
        let response = try #require(responder.takeResponse())
        #expect(response.status == status)
        #expect(response.violations == [violation].compactMap(\.self))
        #expect((response["Retry-After"] != nil) == (status == 429 || status == 503))
    }

    @Test(
        arguments: [
            ("/runs", [1, 2, 3], nil), ("/runs?limit=2", [1, 2], 2), ("/runs?limit=2&after=2", [3], nil),
            ("/runs?after=3", [], nil),
        ] as [(String, [Int], Int?)])
    func areListedInOrder(target: String, numbers: [Int], next: Int?) throws {
        let response = try bench(runs: 3).answer("GET", target)
        #expect(response.status == 200)
        let runs = numbers.map { queued($0) }.joined(separator: ",")
        #expect(response.text == #"{"runs":[\#(runs)],"next":\#(next.map(String.init) ?? "null")}"#)
    }

    @Test func areReadCancelledAndForgotten() throws {
        let bench = try bench(runs: 2)
        #expect(try bench.answer("GET", "/runs/r2").text == queued(2))
        #expect(try bench.answer("GET", "/runs/r2?wait=1s").text == queued(2))
        guard case .awaitRun(2, nanoseconds: 1_000_000_000, _)? = bench.latest else {
            Issue.record("the engine was not asked to wait")
            return
        }
        #expect(try bench.answer("DELETE", "/runs/r2").text == queued(2, state: "cancelled"))
        let removed = try bench.answer("DELETE", "/runs/r2")
        #expect(removed.status == 204)
        #expect(removed.text == "")
        for (method, id) in [("GET", "r2"), ("DELETE", "r2"), ("GET", "r0"), ("GET", "1"), ("GET", "r01")] {
            let response = try bench.answer(method, "/runs/\(id)")
            #expect(response.status == 404)
            let detail = "there is no run \"\(id)\"; the latest 1000 that have ended are remembered"
            #expect(response.json?["detail"]?.text == detail)
        }
    }

    /// Nobody is asked to wait for what has ended.
    @Test func whatHasEndedIsReadAtOnce() throws {
        let bench = try bench()
        _ = ended(bench)
        #expect(try bench.answer("GET", "/runs/r1?wait=1h").status == 200)
        #expect(bench.latest == nil)
    }

    @Test func isShownInFull() throws {
        let bench = try bench()
        _ = ended(bench)
        let json = try #require(try bench.answer("GET", "/runs/r1").json)
        #expect(json["verdict"]?.text == "unsatisfied")
        #expect(json["startedAt"]?.text == "2026-11-22T16:45:02.123456789Z")
        #expect(
            json["reason"]?.text
                == "the socket's buffer lost 3 segments and 1 segment left the ring unseen while it waited, "
                + "and may have been what counts")
        guard case .array(let steps)? = json["steps"], case .array(let misses)? = steps[3]["nearMisses"] else {
            Issue.record("no steps")
            return
        }
        #expect(steps[0]["took"]?.text == "1234567ns")
        #expect(steps[0]["outcomes"] == .object(["sent": .number(JSONNumber(2 as UInt64))]))
        #expect(steps[1]["outcomes"] == nil)
        #expect(misses[0]["segment"]?["direction"]?.text == "kernel")
        #expect(misses[0]["segment"]?["id"] == .null)
        #expect(misses[0]["segment"]?["flags"] == .array([.string("RST")]))
        let differences = String(decoding: misses[0]["differences"]?.octets ?? [], as: UTF8.self)
        #expect(
            differences == #"[{"field":"direction","expected":"received","actual":"kernel","hint":"so \"it\" is"},"#
                + #"{"field":"ip.source","expected":"127.0.0.9","actual":null,"hint":null},"#
                + #"{"field":"window","expected":{"anyOf":[{"from":1,"to":2},{"mask":3,"value":2}]},"actual":7,"hint":null},"#
                + #"{"field":"payload","expected":{"contains":{"hex":"00ff"}},"actual":"A","hint":null},"#
                + #"{"field":"flags","expected":["SYN","ACK"],"actual":[],"hint":null},"#
                + #"{"field":"ip.dontFragment","expected":true,"actual":3,"hint":null}]"#)
    }

    @Test func isShownAsJUnitXML() throws {
        let bench = try bench()
        _ = ended(bench)
        let response = try bench.answer("GET", "/runs/r1", headers: Self.xml)
        #expect(response["Content-Type"] == "application/xml")
        #expect(
            response.text == """
                <?xml version="1.0" encoding="UTF-8"?>
                <testsuite name="a &lt;b&gt;" timestamp="2026-11-22T16:45:02" hostname="localhost" tests="5" failures="1" errors="1" skipped="1" time="2.001234">
                  <properties>
                    <property name="run" value="r1"/>
                    <property name="state" value="done"/>
                    <property name="verdict" value="unsatisfied"/>
                    <property name="lost.kernel" value="3"/>
                    <property name="lost.ring" value="4"/>
                  </properties>
                  <testcase name="step 0: send at server" classname="a &lt;b&gt;" time="0.001234"/>
                  <testcase name="step 1: pause" classname="a &lt;b&gt;" time="0.000000"/>
                  <testcase name="step 2: expectNone at server" classname="a &lt;b&gt;" time="0.000000">
                    <error message="the socket's buffer lost 3 segments and 1 segment left the ring unseen while it waited, and may have been what counts" type="inconclusive"/>
                  </testcase>
                  <testcase name="step 3: expect at server" classname="a &lt;b&gt;" time="2.000000">
                    <failure message="no such segment came within 1ms" type="unsatisfied">near miss: a segment, kernel, 2026-11-22T16:45:01.123456789Z
                  direction: expected &quot;received&quot;, actual &quot;kernel&quot;: so &quot;it&quot; is
                  ip.source: expected &quot;127.0.0.9&quot;, actual nothing
                  window: expected {&quot;anyOf&quot;:[{&quot;from&quot;:1,&quot;to&quot;:2},{&quot;mask&quot;:3,&quot;value&quot;:2}]}, actual 7
                  payload: expected {&quot;contains&quot;:{&quot;hex&quot;:&quot;00ff&quot;}}, actual &quot;A&quot;
                  flags: expected [&quot;SYN&quot;,&quot;ACK&quot;], actual []
                  ip.dontFragment: expected true, actual 3</failure>
                  </testcase>
                  <testcase name="step 4: pause" classname="a &lt;b&gt;" time="0.000000">
                    <skipped/>
                  </testcase>
                  <system-out/>
                  <system-err/>
                </testsuite>
                """)
    }

    @Test(
        arguments: [
            (RunRecord.Reason.received(after: 1_502_400), "such a segment came after 1.5ms"),
            (.received(after: 0), "such a segment came at once"),
            (
                .notSent(count: 2, .init(outcome: .blocked, error: nil, mtu: nil)),
                "2 segments did not leave; the first: blocked, the destination is not on the allow-list"
            ),
            (.notSent(count: 1, nil), "1 segment did not leave"),
            (
                .refused(.destinationNotUnicast(.any)),
                "the segment may not be sent: 0.0.0.0 is not the address of one host; "
                    + "nothing may be sent to all hosts of a link"
            ),
            (.endpointStopped(id: "x"), #"the endpoint "x" was stopped"#),
            (.timeIsUp, "a run may take 3600s, which are over"), (.cancelled, "it was cancelled"),
            (
                .lost(kernel: 0, ring: 2),
                "2 segments left the ring unseen while it waited, and may have been what counts"
            ),
        ] as [(RunRecord.Reason, String)])
    func saysWhyItEnded(reason: RunRecord.Reason, text: String) throws {
        let bench = try bench(runs: 1)
        var run = try #require(bench.engine.runs.run(1))
        run.state = .done
        run.reason = reason
        bench.engine.runs.publish(run)
        #expect(try bench.answer("GET", "/runs/r1").json?["reason"]?.text == text)
    }

    @Test(arguments: [
        ("POST", "/runs?wait=1", #"wait: "1" is not a duration such as 250ms or 2s, up to 3600s"#),
        ("POST", "/runs?waits=1s", #"waits: unknown parameter, did you mean "wait"?"#),
        ("GET", "/runs/r1?wait=3601s", #"wait: "3601s" is not a duration such as 250ms or 2s, up to 3600s"#),
        ("GET", "/runs?limit=0", #"limit: "0" is not an integer in 1…10000"#),
        ("GET", "/runs?wait=1s", "wait: unknown parameter"), ("DELETE", "/runs/r1?wait=1s", "wait: unknown parameter"),
    ])
    func refusesParametersItCannotRead(method: String, target: String, expected: String) throws {
        let response = try bench(runs: 1).answer(method, target, method == "POST" ? Self.body : "")
        #expect(response.status == 422)
        #expect(response.violations == [expected])
    }
}

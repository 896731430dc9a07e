import CaptureFilter
import HTTPMessage
import SegmentEngine
import TCPWire
import Testing

/// What becomes of a run's JSON, and what is said of JSON that is none.
@Suite struct RunInputTests {
    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        bench.publish(EndpointDefinition(preset: .client))
        return bench
    }

    /// The plan that the engine is given.
    private func plan(_ body: String) throws -> RunPlan {
        let bench = try bench()
        let response = try bench.answer("POST", "/runs", body)
        #expect(response.status == 202, "\(response.text)")
        guard case .run(let plan, nil, _)? = bench.latest else {
            Issue.record("the engine was not asked")
            return RunPlan(name: nil, endpoints: [], steps: [])
        }
        return plan
    }

    private func step(_ step: String) throws -> RunPlan.Step {
        try #require(try plan(#"{"steps":[\#(step)]}"#).steps.last)
    }

    private func expectation(_ segment: String) throws -> SegmentExpectation {
        guard case .expect(let step) = try step(#"{"expect":{"endpoint":"client","segment":\#(segment)}}"#) else {
            return SegmentExpectation()
        }
        return step.segment
    }

    @Test func isReadAsItIsWritten() throws {
        let plan = try plan(
            #"""
            {"name": "all of it", "steps": [
              {"send": {"endpoint": "client", "segment": [{"flags": ["SYN"]}, {"repeat": {"count": 3}}]}},
              {"expect": {"endpoint": "server", "segment": {"flags": ["SYN"], "withoutFlags": ["RST"]}, "within": "2s"}},
              {"expectNone": {"endpoint": "client", "filter": "src port 5", "for": "1ms", "since": 1}},
              {"pause": {"for": "5us"}}, {"pause": "0s"}, {"expect": {"endpoint": "server"}}]}
            """#)
        #expect(plan.name == "all of it")
        #expect(plan.endpoints == ["client", "server"])
        var syn = SegmentTemplate()
        syn.flags = .syn
        var thrice = TransmissionPlan.Step(SegmentTemplate())
        thrice.count = 3
        var handshake = SegmentExpectation()
        handshake.flags = .syn
        handshake.withoutFlags = .rst
        var filtered = SegmentExpectation()
        filtered.filter = try CaptureFilter("src port 5")
        #expect(
            plan.steps == [
                .send(TransmissionPlan(steps: [.init(syn), thrice]), from: 0),
                .expect(.init(endpoint: 1, segment: handshake, nanoseconds: 2_000_000_000)),
                .expectNone(.init(endpoint: 0, segment: filtered, nanoseconds: 1_000_000, since: 1)),
                .pause(nanoseconds: 5_000), .pause(nanoseconds: 0),
                .expect(.init(endpoint: 1, segment: SegmentExpectation(), nanoseconds: 1_000_000_000)),
            ])
    }

    @Test(
        arguments: [
            (#"{"window": 7}"#, .window, .exactly(7)), (#"{"window": "0x10"}"#, .window, .exactly(16)),
            (#"{"window": {"from": 1, "to": "9"}}"#, .window, .range(from: 1, to: 9)),
            (#"{"window": {"from": 5}}"#, .window, .range(from: 5, to: 65_535)),
            (#"{"window": {"to": 5}}"#, .window, .range(from: 0, to: 5)),
            (#"{"sequenceNumber": {"from": 9, "to": 1}}"#, .sequenceNumber, .range(from: 9, to: 1)),
            (#"{"dataOffset": {"mask": 12, "value": 8}}"#, .dataOffset, .bits(mask: 12, value: 8)),
            (
                #"{"urgentPointer": {"anyOf": [1, {"from": 2, "to": 3}, {"mask": 4, "value": 4}]}}"#, .urgentPointer,
                .anyOf([.exactly(1), .range(from: 2, to: 3), .bits(mask: 4, value: 4)])
            ),
            (#"{"checksum": 5}"#, .checksum, .exactly(5)),
            (#"{"ip": {"source": "127.0.0.9"}}"#, .source, .exactly(0x7f00_0009)),
            (
                #"{"ip": {"destination": {"from": "10.0.0.0", "to": "10.0.0.255"}}}"#, .destination,
                .range(from: 0x0a00_0000, to: 0x0a00_00ff)
            ),
            (
                #"{"ip": {"source": {"mask": "255.0.0.0", "value": "10.0.0.0"}}}"#, .source,
                .bits(mask: 0xff00_0000, value: 0x0a00_0000)
            ),
            (#"{"ip": {"dontFragment": true}}"#, .dontFragment, .exactly(1)),
            (#"{"ip": {"moreFragments": false}}"#, .moreFragments, .exactly(0)),
            (#"{"ip": {"dscp": 63}}"#, .dscp, .exactly(63)),
            (#"{"ip": {"headerLength": 60}}"#, .headerLength, .exactly(60)),
        ] as [(String, ExpectedField, NumberPattern)])
    func patternsOfNumbersAreRead(segment: String, field: ExpectedField, pattern: NumberPattern) throws {
        #expect(try expectation(segment).numbers == [.init(field, pattern)])
    }

    @Test func whatIsNullIsNotThere() throws {
        let segment = #"{"window":null,"payload":null,"checksum":null,"ip":{"source":null},"flags":null}"#
        #expect(try expectation(segment) == SegmentExpectation())
    }

    @Test(
        arguments: [
            (#""Hello""#, .exactly([72, 101, 108, 108, 111])), (#"{"hex": "00ff"}"#, .exactly([0, 255])),
            (#"{"contains": "He"}"#, .contains([72, 101])), (#"{"contains": {"hex": "0d0a"}}"#, .contains([13, 10])),
        ] as [(String, SegmentExpectation.PayloadTest)])
    func payloadsAreRead(payload: String, test: SegmentExpectation.PayloadTest) throws {
        #expect(try expectation(#"{"payload": \#(payload)}"#).payload == test)
    }

    @Test(arguments: [("correct", SegmentExpectation.ChecksumTest.correct), ("incorrect", .incorrect)])
    func checksumsAreRead(word: String, test: SegmentExpectation.ChecksumTest) throws {
        #expect(try expectation(#"{"checksum": "\#(word)"}"#).checksum == test)
    }

    /// Two endpoints take turns, so that the nearest step and the nearest one of its own differ.
    @Test(
        arguments: [
            (#"{"received":"end"}"#, StepNumber(step: 1, number: .end, plus: 0)),
            (#"{"received":"end","step":2}"#, StepNumber(step: 2, number: .end, plus: 0)),
            (#"{"received":"sequenceNumber","plus":-1}"#, StepNumber(step: 1, number: .sequenceNumber, plus: .max)),
            (
                #"{"received":"acknowledgmentNumber","plus":7,"step":0}"#,
                StepNumber(step: 0, number: .acknowledgmentNumber, plus: 7)
            ),
        ])
    func numbersAreTakenFromTheStepThatIsMeant(reference: String, number: StepNumber) throws {
        let before =
            #"{"expect":{"endpoint":"client"}},{"expect":{"endpoint":"client"}},{"expect":{"endpoint":"server"}}"#
        let sent = try plan(
            #"{"steps":[\#(before),{"send":{"endpoint":"client","segment":{"sequenceNumber":\#(reference)}}}]}"#)
        guard case .send(let plan, from: 0)? = sent.steps.last else {
            Issue.record("no send")
            return
        }
        #expect(plan.steps[0].template.sequenceNumber == .step(number))
        let expected = try self.plan(
            #"{"steps":[\#(before),{"expect":{"endpoint":"client","segment":{"acknowledgmentNumber":\#(reference)}}}]}"#
        )
        guard case .expect(let expectation)? = expected.steps.last else {
            Issue.record("no expect")
            return
        }
        #expect(expectation.segment.numbers == [.init(.acknowledgmentNumber, .received(number))])
    }

    @Test func whatTheEndpointHasNotExpectedIsTakenFromTheNearest() throws {
        let plan = try plan(
            #"{"steps":[{"expect":{"endpoint":"server"}},{"expect":{"endpoint":"server"}},"#
                + #"{"send":{"endpoint":"client","segment":{"acknowledgmentNumber":{"received":"end"}}}}]}"#)
        guard case .send(let sent, _)? = plan.steps.last else {
            Issue.record("no send")
            return
        }
        #expect(sent.steps[0].template.acknowledgmentNumber == .step(StepNumber(step: 1, number: .end, plus: 0)))
    }

    @Test(arguments: [
        (#"{"expect":{}}"#, "/steps/0/expect/endpoint: is missing"),
        (#"{"expectNone":{"endpoint":"client"}}"#, "/steps/0/expectNone/for: is missing"),
        (#"{"send":{"endpoint":"client"}}"#, "/steps/0/send/segment: is missing"),
        (#"{"pause":{}}"#, "/steps/0/pause/for: is missing"),
        (#"{"pause":5}"#, "/steps/0/pause: is a number, must be a string"),
        (#"{"pause":"3601s"}"#, "/steps/0/pause: is longer than 3600s"),
        (#"{}"#, "/steps/0: must have one of send, expect, expectNone, pause"),
        (#"7"#, "/steps/0: is a number, must be an object"),
        (#"{"expects":{}}"#, #"/steps/0/expects: unknown member, did you mean "expect"?"#),
        (#"{"expect":{"endpoint":"x"}}"#, #"/steps/0/expect/endpoint: there is no endpoint "x""#),
        (
            #"{"expect":{"endpoint":"client","since":0}}"#, "/steps/0/expect/since: step 0 is not before this step"
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"sequenceNumber":{"received":"end"}}}}"#,
            "/steps/0/expect/segment/sequenceNumber: no step before this one expects a segment to take a number from"
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"window":{"received":"end"}}}}"#,
            #"/steps/0/expect/segment/window: must be a value, {"from": …, "to": …}, {"mask": …, "value": …} or {"anyOf": […]}"#
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"window":{"mask":1}}}}"#,
            "/steps/0/expect/segment/window: must have both mask and value"
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"window":{"anyOf":[{"anyOf":[1]}]}}}}"#,
            "/steps/0/expect/segment/window/anyOf/0: anyOf has no anyOf in it"
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"flags":["SYN"],"withoutFlags":["SYN","RST"]}}}"#,
            "/steps/0/expect/segment/withoutFlags: SYN cannot be set and not set"
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"ip":{"headerLength":61}}}}"#,
            "/steps/0/expect/segment/ip/headerLength: 61 is not an integer in 0…60"
        ),
        (
            #"{"expect":{"endpoint":"client","segment":{"options":[]}}}"#,
            "/steps/0/expect/segment/options: unknown member"
        ),
        (
            #"{"send":{"endpoint":"client","segment":[]}}"#,
            "/steps/0/send/segment: has no segments, must have 1…10000"
        ),
    ])
    func whatIsWrongIsToldAtItsPlace(step: String, violation: String) throws {
        let bench = try bench()
        let response = try bench.answer("POST", "/runs", #"{"steps":[\#(step)]}"#)
        #expect(response.status == 422)
        #expect(response.violations.contains { $0.hasPrefix(violation) }, "\(response.violations)")
        #expect(bench.latest == nil)
    }

    @Test func theSegmentsAndPayloadsOfARunAreBoundedTogether() throws {
        let lists = (0..<11).map { _ in
            #"{"send":{"endpoint":"client","segment":[\#(Array(repeating: "{}", count: 1000).joined(separator: ","))]}}"#
        }
        var response = try bench().answer("POST", "/runs", #"{"steps":[\#(lists.joined(separator: ","))]}"#)
        #expect(
            response.violations == [
                "/steps/10/send/segment: with these, the run has more than 10000 segments to send"
            ])
        let large = #"{"expect":{"endpoint":"client","segment":{"payload":{"length":65495,"random":1}}}}"#
        let many = Array(repeating: large, count: 257).joined(separator: ",")
        response = try bench().answer("POST", "/runs", #"{"steps":[\#(many)]}"#)
        #expect(
            response.violations == [
                "/steps/256/expect: with this one, the run's payloads have more than 16777216 octets in all"
            ])
    }
}

import HTTPMessage
import SegmentEngine
import TCPWire
import Testing

@Suite struct PlanInputTests {
    private func send(_ body: String) throws -> (response: HTTPResponse, plan: TransmissionPlan?) {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        let response = try bench.answer("POST", "/endpoints/server/segments", body)
        guard case .send(let plan, "server", nil, _)? = bench.latest else { return (response, nil) }
        return (response, plan)
    }

    private func step(_ members: String) throws -> TransmissionPlan.Step? {
        let (response, plan) = try send("{\(members)}")
        #expect(response.status == 202, "\(response.text)")
        #expect(plan?.steps.count == 1)
        return plan?.steps.first
    }

    @Test(
        arguments: [
            (#""repeat":null"#, 1, .none, 100), (#""repeat":{}"#, 1, .none, 100),
            (#""repeat":{"count":1000}"#, 1000, .none, 100),
            (#""repeat":{"count":1000000000000,"record":0}"#, 1_000_000_000_000, .none, 0),
            (#""repeat":{"count":"0x10","record":1000000000000}"#, 16, .none, 1_000_000_000_000),
            (#""repeat":{"count":2,"interval":"1ms"}"#, 2, .interval(nanoseconds: 1_000_000), 100),
            (#""repeat":{"count":2,"interval":"0.5us"}"#, 2, .interval(nanoseconds: 500), 100),
            (#""repeat":{"count":2,"interval":"0s"}"#, 2, .none, 100),
            (#""repeat":{"count":2,"interval":null,"rate":"50000/s"}"#, 2, .rate(perSecond: 50_000), 100),
            (#""repeat":{"rate":"1/s"}"#, 1, .rate(perSecond: 1), 100),
            (#""repeat":{"rate":"1000000000/s"}"#, 1, .rate(perSecond: 1_000_000_000), 100),
            (#""repeat":{"rate":25}"#, 1, .rate(perSecond: 25), 100),
        ] as [(String, UInt64, Pacing, UInt64)])
    func takesARepeat(members: String, count: UInt64, pacing: Pacing, recorded: UInt64) throws {
        let step = try #require(try step(members))
        #expect(step.count == count)
        #expect(step.pacing == pacing)
        #expect(step.recorded == recorded)
        #expect(step.variations.isEmpty)
    }

    @Test(
        arguments: [
            (#"{"field":"sequenceNumber","increment":1}"#, .sequenceNumber, .increment(1)),
            (#"{"field":"window","increment":-65535}"#, .window, .increment(-65_535)),
            (#"{"field":"ip.dscp","values":[0,"0x3f",9]}"#, .dscp, .values([0, 63, 9])),
            (#"{"field":"sourcePort","range":[1024,65535]}"#, .sourcePort, .range(1024...65_535)),
            (#"{"field":"ip.ecn","range":[2,2]}"#, .ecn, .range(2...2)),
            (
                #"{"field":"ip.identification","random":{"seed":7}}"#, .identification,
                .random(seed: 7, within: nil)
            ),
            (#"{"field":"flags","random":{}}"#, .flags, .random(seed: 0, within: nil)),
            (
                #"{"field":"urgentPointer","range":[1,9],"random":{"seed":7}}"#, .urgentPointer,
                .random(seed: 7, within: 1...9)
            ),
            (
                #"{"field":"ip.destination","range":["127.0.0.1","127.0.0.9"]}"#, .destination,
                .range(0x7f00_0001...0x7f00_0009)
            ),
            (
                #"{"field":"ip.source","values":["127.0.0.1",1,"0x7f000002"]}"#, .source,
                .values([0x7f00_0001, 1, 0x7f00_0002])
            ),
            (#"{"field":"payload","increment":1}"#, .payload(offset: 0, width: 4), .increment(1)),
            (
                #"{"field":"payload","offset":3,"width":1,"range":[0,255]}"#, .payload(offset: 3, width: 1),
                .range(0...255)
            ),
            (
                #"{"field":"payload","offset":2,"width":2,"values":[65535]}"#, .payload(offset: 2, width: 2),
                .values([65_535])
            ),
        ] as [(String, VariedField, ValueSequence)])
    func takesAVariation(json: String, field: VariedField, values: ValueSequence) throws {
        let step = try #require(try step(#""payload":"Hello server","vary":[\#(json)]"#))
        #expect(step.variations == [Variation(field, values)])
    }

    @Test(arguments: VariedField.named.map(\.name))
    func takesEveryFieldUpToItsLargestValue(name: String) throws {
        let field = try #require(VariedField.named.first { $0.name == name }).field
        let largest = field.maximum
        let step = try step(#""vary":[{"field":"\#(name)","range":[0,\#(largest)]}]"#)
        #expect(step?.variations == [Variation(field, .range(0...largest))])
        let (response, _) = try send(#"{"vary":[{"field":"\#(name)","values":[\#(largest + 1)]}]}"#)
        #expect(response.violations == ["/vary/0/values/0: \(largest + 1) is not an integer in 0…\(largest)"])
    }

    @Test func takesAListOfSegmentsInItsOrder() throws {
        let (response, plan) = try send(
            #"[{"sequenceNumber":1},{"sequenceNumber":2,"repeat":{"count":5}},{"vary":[]}]"#)
        #expect(response.status == 202)
        #expect(response.text.contains(#""requested":7,"#))
        #expect(plan?.steps.map(\.template.sequenceNumber) == [.value(1), .value(2), .value(0)])
        #expect(plan?.steps.map(\.count) == [1, 5, 1])

        let long = "[" + Array(repeating: "{}", count: 10_000).joined(separator: ",") + "]"
        #expect(try send(long).plan?.steps.count == 10_000)
    }

    @Test(arguments: 1...17)
    func takesSixteenVariationsOfASegment(count: Int) throws {
        let list = Array(repeating: #"{"field":"window","increment":1}"#, count: count).joined(separator: ",")
        let (response, plan) = try send(#"{"vary":[\#(list)]}"#)
        #expect(plan?.steps.first?.variations.count == (count <= 16 ? count : nil))
        #expect(response.violations == (count <= 16 ? [] : ["/vary: has 17 elements, may have 16"]))
    }

    @Test(arguments: [(0, false), (1, true), (4096, true), (4097, false), (10_001, false)])
    func takesSoManyValues(count: Int, isTaken: Bool) throws {
        let list = Array(repeating: "1", count: count).joined(separator: ",")
        let (response, _) = try send(#"{"vary":[{"field":"window","values":[\#(list)]}]}"#)
        let limit = count > 10_000 ? "elements, may have 10000" : "values, must have 1…4096"
        #expect(response.violations == (isTaken ? [] : ["/vary/0/values: has \(count) \(limit)"]))
    }

    @Test(arguments: [(0, "has no segments, must have 1…10000"), (10_001, "has 10001 ")])
    func refusesAListThatIsEmptyOrTooLong(count: Int, expected: String) throws {
        let (response, plan) = try send("[" + Array(repeating: "{}", count: count).joined(separator: ",") + "]")
        #expect(response.status == 422)
        #expect(response.violations.count == 1, "\(response.violations)")
        #expect(response.violations.first?.hasPrefix(": \(expected)") == true)
        #expect(plan == nil)
    }
}

import HTTPMessage
import SegmentEngine
import TCPWire
import Testing

@Suite struct PlanViolationTests {
    private static let forms = "must have one of increment, values, range, random; range may stand beside random"
    private static let rate = "is not a rate such as \"50000/s\", from 1/s to 1000000000/s"

    private func check(_ body: String, _ expected: String) throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        let response = try bench.answer("POST", "/endpoints/server/segments", body)
        #expect(response.status == 422, "\(response.text)")
        #expect(response.violations.joined(separator: "|") == expected)
        #expect(bench.latest == nil)
    }

    @Test(arguments: [
        (#"{"repeat":5}"#, "/repeat: is a number, must be an object"),
        (#"{"repeat":{"times":5}}"#, "/repeat/times: unknown member"),
        (#"{"repeat":{"counts":5}}"#, #"/repeat/counts: unknown member, did you mean "count"?"#),
        (#"{"repeat":{"count":0}}"#, "/repeat/count: 0 is not an integer in 1…1000000000000"),
        (#"{"repeat":{"count":-1}}"#, "/repeat/count: -1 is not an integer in 1…1000000000000"),
        (#"{"repeat":{"count":1.5}}"#, "/repeat/count: 1.5 is not an integer in 1…1000000000000"),
        (
            #"{"repeat":{"count":1000000000001}}"#,
            "/repeat/count: 1000000000001 is not an integer in 1…1000000000000"
        ),
        (#"{"repeat":{"record":-1}}"#, "/repeat/record: -1 is not an integer in 0…1000000000000"),
        (
            #"{"repeat":{"interval":"1ms","rate":"1/s"}}"#,
            "/repeat/rate: is there beside interval; give one of them"
        ),
        (#"{"repeat":{"interval":1}}"#, "/repeat/interval: is a number, must be a string"),
        (
            #"{"repeat":{"interval":"1 ms"}}"#,
            #"/repeat/interval: "1 ms" is not a duration such as "250ms", "2s" or "0s""#
        ),
        (
            #"{"repeat":{"interval":"-1ms"}}"#,
            #"/repeat/interval: "-1ms" is not a duration such as "250ms", "2s" or "0s""#
        ),
        (#"{"repeat":{"rate":true}}"#, "/repeat/rate: is true or false, must be an integer"),
        (#"{"repeat":{"rate":0}}"#, "/repeat/rate: 0 is not an integer in 1…1000000000"),
        (#"{"repeat":{"rate":1000000001}}"#, "/repeat/rate: 1000000001 is not an integer in 1…1000000000"),
        (#"[{},{"repeat":{"count":"x"}}]"#, #"/1/repeat/count: "x" is not an integer in 1…1000000000000"#),
        (#"[{},5]"#, "/1: is a number, must be an object"),
        (#"[[{}]]"#, "/0: is a list, must be an object"),
    ])
    func namesThePlaceInARepeat(body: String, expected: String) throws {
        try check(body, expected)
    }

    @Test(arguments: [
        "", "/s", "5", "5/m", "5 /s", "5/s ", "0/s", "-5/s", "+5/s", "1.5/s", "1e3/s", "0x5/s", "1000000001/s",
        "99999999999999999999/s", "s",
    ])
    func refusesARate(text: String) throws {
        try check(#"{"repeat":{"rate":"\#(text)"}}"#, "/repeat/rate: \"\(text)\" \(Self.rate)")
    }

    @Test(arguments: [
        (#"{}"#, "/vary: is an object, must be a list"),
        (#"[5]"#, "/vary/0: is a number, must be an object"),
        (#"[{"increment":1}]"#, "/vary/0/field: is missing"),
        (#"[{"field":5,"increment":1}]"#, "/vary/0/field: is a number, must be a string"),
        (#"[{"field":"window"}]"#, "/vary/0: \(forms)"),
        (#"[{"field":"window","increment":1,"values":[1]}]"#, "/vary/0: \(forms)"),
        (#"[{"field":"window","values":[1],"random":{}}]"#, "/vary/0: \(forms)"),
        (#"[{"field":"window","increment":1,"step":2}]"#, "/vary/0/step: unknown member"),
        (#"[{"field":"window","offset":1,"increment":1}]"#, "/vary/0/offset: unknown member"),
        (#"[{"field":"window","increment":65536}]"#, "/vary/0/increment: 65536 is not an integer in -65535…65535"),
        (#"[{"field":"ip.ecn","increment":-4}]"#, "/vary/0/increment: -4 is not an integer in -3…3"),
        (#"[{"field":"window","values":5}]"#, "/vary/0/values: is a number, must be a list"),
        (
            #"[{"field":"window","values":[0,65536]}]"#,
            "/vary/0/values/1: 65536 is not an integer in 0…65535"
        ),
        (
            #"[{"field":"sourcePort","range":[9,5]}]"#,
            "/vary/0/range: must be two values of the field, the lower one first"
        ),
        (
            #"[{"field":"sourcePort","range":[9]}]"#,
            "/vary/0/range: must be two values of the field, the lower one first"
        ),
        (#"[{"field":"window","random":7}]"#, "/vary/0/random: is a number, must be an object"),
        (
            #"[{"field":"window","random":{"seed":-1}}]"#,
            "/vary/0/random/seed: -1 is not an integer in 0…9223372036854775807"
        ),
        (#"[{"field":"window","random":{"sead":1}}]"#, #"/vary/0/random/sead: unknown member, did you mean "seed"?"#),
        (
            #"[{"field":"ip.source","values":["1.2.3"]}]"#,
            #"/vary/0/values/0: "1.2.3" is not an IPv4 address of four numbers in 0…255"#
        ),
        (
            #"[{"field":"payload","width":3,"increment":1}]"#, "/vary/0/width: 3 is none of 1, 2, 4"
        ),
        (#"[{"field":"payload","width":5,"increment":1}]"#, "/vary/0/width: 5 is not an integer in 1…4"),
        (
            #"[{"field":"payload","offset":65495,"increment":1}]"#,
            "/vary/0/offset: 65495 is not an integer in 0…65494"
        ),
        (
            #"[{"field":"payload","width":1,"values":[256]}]"#,
            "/vary/0/values/0: 256 is not an integer in 0…255"
        ),
    ])
    func namesThePlaceInWhatVaries(list: String, expected: String) throws {
        try check(#"{"payload":"Hello","vary":\#(list)}"#, expected)
    }

    /// What is not in the segment cannot vary.
    @Test(arguments: [
        (#"{"payload":"abc","vary":[{"field":"payload","offset":3,"width":1,"increment":1}]}"#, "/vary/0"),
        (#"{"payload":"abc","vary":[{"field":"payload","increment":1}]}"#, "/vary/0"),
        (#"{"truncate":13,"vary":[{"field":"flags","increment":1}]}"#, "/vary/0"),
        (
            #"{"ip":{"dontFragment":false},"vary":[{"field":"ip.identification","values":[1,0]}]}"#, "/vary/0"
        ),
    ])
    func refusesWhatWouldNotLeaveAsAsked(body: String, place: String) throws {
        let bench = try Bench { configuration in
            configuration.policy.allowedDestinations = IPv4Prefix("127.0.0.0/8").map { [$0] } ?? []
        }
        bench.publish(EndpointDefinition(preset: .server))
        let response = try bench.answer("POST", "/endpoints/server/segments?validate=true", body)
        #expect(response.status == 422)
        #expect(response.violations.count == 1)
        #expect(response.violations.first?.hasPrefix(place) == true, "\(response.violations)")
    }

    @Test func knowsTheNameOfAFieldThatWasMeant() throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        let response = try bench.answer(
            "POST", "/endpoints/server/segments", #"{"vary":[{"field":"sequencenumber","increment":1}]}"#)
        #expect(response.violations.count == 1)
        #expect(
            response.violations.first?.hasPrefix(#"/vary/0/field: "sequencenumber" is none of sourcePort, "#) == true)
        #expect(response.violations.first?.hasSuffix(#"payload, did you mean "sequenceNumber"?"#) == true)
    }
}

import HTTPMessage
import SegmentEngine
import Testing

/// What an endpoint's id, port, pace and limit may be.
@Suite struct EndpointValueTests {
    @Test(arguments: ["", "-a", ".a", "a b", "ä", "a/b", "a\\n", String(repeating: "a", count: 65)])
    func refusesAnIDThatDoesNotFitIntoAPath(id: String) throws {
        let shown = id.replacing("\\n", with: "\n")
        let response = try Bench().answer("POST", "/endpoints", #"{"role":"server","id":"\#(id)"}"#)
        #expect(response.status == 422)
        #expect(
            response.violations == [
                "/id: \"\(shown.prefix(64))\" is not 1 to 64 letters, digits, '.', '_' or '-' "
                    + "that begin with a letter or digit"
            ])
    }

    @Test(arguments: ["a", "0", "A.b_c-9", String(repeating: "a", count: 64)])
    func takesAnIDThatFitsIntoAPath(id: String) throws {
        let bench = try Bench()
        let response = try bench.answer("POST", "/endpoints", #"{"role":"server","id":"\#(id)"}"#)
        #expect(response["Location"] == "/endpoints/\(id)")
        #expect(try bench.answer("GET", "/endpoints/\(id)").status == 200)
    }

    @Test(arguments: [
        (#"{"port":"0x1F90"}"#, 8080), (#"{"port":"0X10"}"#, 16), (#"{"port":"443"}"#, 443), (#"{"port":0}"#, 0),
        (#"{"port":65535}"#, 65535), (#"{}"#, 50_000), (#"{"port":null}"#, 50_000),
    ])
    func takesAPortAsANumberOrAsAString(local: String, expected: UInt16) throws {
        let bench = try Bench()
        #expect(try bench.answer("POST", "/endpoints", #"{"role":"server","local":\#(local)}"#).status == 201)
        guard case .create(let read, _)? = bench.latest else {
            Issue.record("nothing was asked of the engine")
            return
        }
        #expect(read.first?.local.port == expected)
    }

    @Test func changesThePresetsRuleByPaceAndLimit() throws {
        let bench = try Bench()
        _ = try bench.answer("POST", "/endpoints", #"{"role":"client","pace":"0s","limit":7,"guard":"none"}"#)
        guard case .create(let read, _)? = bench.latest else {
            Issue.record("nothing was asked of the engine")
            return
        }
        var expected = EndpointDefinition(preset: .client)
        expected.rules[0].paceNanoseconds = 0
        expected.rules[0].limit = 7
        expected.guardChoice = .exactly(.none)
        #expect(read == [expected])
    }
}

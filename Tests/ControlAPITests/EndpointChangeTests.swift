import CaptureFilter
import HTTPMessage
import JSONText
import SegmentEngine
import Testing

/// PATCH of an endpoint changes its rules, filter and labels, and says of all else that it stays.
@Suite struct EndpointChangeTests {
    private static let target = "/endpoints/server"

    private func bench(_ definition: String = #"{"role":"server"}"#) throws -> Bench {
        let bench = try Bench()
        #expect(try bench.answer("POST", "/endpoints", definition).status == 201)
        return bench
    }

    private func change(_ bench: Bench, _ body: String) throws -> EndpointChange? {
        let response = try bench.answer("PATCH", Self.target, body)
        #expect(response.status == 200, "\(response.text)")
        guard case .change("server", let change, _)? = bench.latest else { return nil }
        return change
    }

    @Test func asksForNothingButWhatIsThere() throws {
        let bench = try bench()
        #expect(try change(bench, "{}") == EndpointChange())

        var rules = EndpointChange()
        rules.rules = []
        #expect(try change(bench, #"{"rules":[]}"#) == rules)
        rules.rules = EndpointDefinition(preset: .server).rules
        #expect(try change(bench, #"{"rules":null}"#) == rules)

        var filter = EndpointChange()
        filter.filter = .some(nil)
        #expect(try change(bench, #"{"filter":null}"#) == filter)
        #expect(try change(bench, #"{"filter":"tcp"}"#)?.filter??.text == "tcp")
    }

    @Test func changesLabelsOneByOne() throws {
        let bench = try bench(#"{"role":"server","labels":{"a":"1","b":"2"}}"#)
        _ = try change(bench, #"{"labels":{"b":null,"c":"3","a":"4","d":null}}"#)
        let definition = bench.engine.endpoints.endpoint("server")?.definition
        #expect(definition?.labels == [.init(name: "a", value: "4"), .init(name: "c", value: "3")])
        #expect(definition?.rules == EndpointDefinition(preset: .server).rules)
        _ = try change(bench, #"{"labels":null}"#)
        #expect(bench.engine.endpoints.endpoint("server")?.definition.labels.isEmpty == true)
    }

    @Test func takesWhatGetShows() throws {
        let bench = try bench(#"{"role":"server","remote":null,"guard":"none","labels":{"a":"1"},"start":false}"#)
        let shown = try bench.answer("GET", Self.target).text
        let before = bench.engine.endpoints.endpoint("server")?.definition
        #expect(try change(bench, shown)?.rules == before?.rules)
        #expect(bench.engine.endpoints.endpoint("server")?.definition == before)
    }

    @Test(arguments: [
        (#"{"id":"other"}"#, "/id"), (#"{"role":"client"}"#, "/role"), (#"{"domain":"PF_INET"}"#, "/domain"),
        (#"{"local":{"port":50007}}"#, "/local"), (#"{"remote":null}"#, "/remote"),
        (#"{"remote":{"port":7}}"#, "/remote"), (#"{"trigger":"edge"}"#, "/trigger"),
        (#"{"socket":"own"}"#, "/socket"), (#"{"guard":"none"}"#, "/guard"), (#"{"guard":{"wanted":"md5"}}"#, "/guard"),
        (#"{"opening":[{}]}"#, "/opening"), (#"{"role":null}"#, "/role"),
    ])
    func namesWhatCannotBeChanged(body: String, pointer: String) throws {
        let bench = try bench()
        let response = try bench.answer("PATCH", Self.target, body)
        #expect(response.status == 422)
        #expect(response.violations.first?.hasPrefix("\(pointer): ") == true, "\(response.violations)")
        if case .change? = bench.latest { Issue.record("the engine was asked") }
    }

    @Test(arguments: [
        (#"[]"#, ": is a list, must be an object"),
        (#"{"state":"stopped"}"#, "/state: is running; use POST /endpoints/server/start or …/stop"),
        (#"{"start":false}"#, "/start: is for creating; use POST /endpoints/server/start or …/stop"),
        (#"{"rulez":[]}"#, #"/rulez: unknown member, did you mean "rules"?"#),
        (#"{"rules":[{"match":{"flag":[]}}]}"#, #"/rules/0/match/flag: unknown member, did you mean "flags"?"#),
        (#"{"labels":{"a":1}}"#, "/labels/a: is a number, must be a string"),
        (#"{"labels":"a"}"#, "/labels: is a string, must be an object of strings"),
        (#"{"pace":"1s"}"#, "/pace: is for the preset's rule; with rules of your own, give it in each"),
    ])
    func saysWhatIsWrong(body: String, expected: String) throws {
        let bench = try bench()
        let response = try bench.answer("PATCH", Self.target, body)
        #expect(response.status == 422)
        #expect(response.violations == [expected])
    }

    @Test func takesTheTypeOfMergePatches() throws {
        let bench = try bench()
        for (type, status) in [
            ("application/merge-patch+json", 200), ("application/json", 200), ("application/json-patch+json", 415),
        ] {
            let response = try bench.answer("PATCH", Self.target, "{}", headers: [HTTPField("Content-Type", type)])
            #expect(response.status == status, "\(type)")
        }
        let elsewhere = try bench.answer(
            "POST", "/endpoints", #"{"role":"client"}"#,
            headers: [HTTPField("Content-Type", "application/merge-patch+json")])
        #expect(elsewhere.status == 415)
    }

    @Test func knowsNoEndpointThatIsNotThere() throws {
        #expect(try Bench().answer("PATCH", "/endpoints/nobody", "{}").status == 404)
    }
}

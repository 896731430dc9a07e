import HTTPMessage
import SegmentEngine
import Testing

@Suite struct EndpointRouteTests {
    static let counters = """
        {"segmentsReceived":0,"octetsReceived":0,"segmentsSent":0,"octetsSent":0,"replies":0,"outcomes":{},\
        "sendErrors":{},"flagsReceived":{},"checksums":{"valid":0,"partial":0,"incorrect":0},"repliesSuppressed":0,\
        "malformed":0,"kernelDrops":0,"filtered":0,"ringEvictions":0,"kernelResets":0,"icmpErrors":0}
        """

    private static let refused =
        #"{"guard":"listener","reason":"Operation not permitted (EPERM); it needs CAP_NET_ADMIN"}"#

    /// The preset of a role, as the contract shows it.
    static func preset(_ role: EndpointRole, state: String = "running") -> String {
        let (own, other, trigger, greeting) =
            role == .server ? (50_000, 50_001, "level", "Hello client") : (50_001, 50_000, "edge", "Hello server")
        let segment = #"{"flags":["SYN"],"window":200,"payload":"\#(greeting)"}"#
        let isRunning = state == "running"
        return """
            {"id":"\(role)","role":"\(role)","state":"\(state)","domain":"AF_INET",\
            "local":{"address":"127.0.0.1","port":\(own)},"remote":{"address":"127.0.0.1","port":\(other)},\
            "trigger":"\(trigger)","socket":"shared","namespace":null,"filter":null,\
            "guard":{"wanted":"auto","active":"\(isRunning ? "md5" : "none")","better":[\(isRunning ? refused : "")]},\
            "opening":[\(role == .client ? segment : "")],\
            "rules":[{"name":"greet","match":{"withoutFlags":["RST"]},"reply":[\(segment)],"pace":"100ms","limit":null}],\
            "cursor":42,"warnings":[],"labels":{},"createdAt":"2026-11-22T16:45:01.123456789Z",\
            "startedAt":\(isRunning ? "\"2026-11-22T16:45:01.123456789Z\"" : "null"),"counters":\(counters)}
            """
    }

    @Test(arguments: EndpointRole.allCases)
    func createsThePresetOfARole(role: EndpointRole) throws {
        let bench = try Bench()
        let response = try bench.answer("POST", "/endpoints", #"{"role":"\#(role)"}"#)
        #expect(response.status == 201)
        #expect(response["Location"] == "/endpoints/\(role)")
        #expect(response["Content-Type"] == "application/json")
        #expect(response.text == Self.preset(role))
        #expect(response.body.last == UInt8(ascii: "\n"))
        #expect(try bench.answer("GET", "/endpoints/\(role)").text == Self.preset(role))
    }

    @Test func createsAListWithoutALocation() throws {
        let bench = try Bench()
        let response = try bench.answer("POST", "/endpoints", #"[{"role":"server"},{"role":"client"}]"#)
        #expect(response.status == 201)
        #expect(response["Location"] == nil)
        #expect(response.text == #"{"endpoints":[\#(Self.preset(.server)),\#(Self.preset(.client))]}"#)
    }

    @Test func startsAndStopsAndRemoves() throws {
        let bench = try Bench()
        #expect(
            try bench.answer("POST", "/endpoints", #"{"role":"server","start":false}"#).text
                == Self.preset(.server, state: "stopped"))
        for _ in 0..<2 {
            let started = try bench.answer("POST", "/endpoints/server/start")
            #expect(started.status == 200)
            #expect(started.text == Self.preset(.server))
        }
        #expect(try bench.answer("POST", "/endpoints/server/stop", "{}").text == Self.preset(.server, state: "stopped"))
        let removed = try bench.answer("DELETE", "/endpoints/server")
        #expect(removed.status == 200)
        #expect(removed.text == Self.preset(.server, state: "stopped"))
        #expect(try bench.answer("GET", "/endpoints/server").status == 404)
    }

    @Test func sayWhyTheyAreDegraded() throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server), state: .degraded(reason: "no filter"))
        let text = try bench.answer("GET", "/endpoints/server").text
        #expect(text.contains(#""state":"degraded","reason":"no filter","#))
    }

    @Test func areListedInPages() throws {
        let bench = try Bench()
        #expect(try bench.answer("GET", "/endpoints").text == #"{"endpoints":[],"next":null}"#)
        for role in EndpointRole.allCases { bench.publish(EndpointDefinition(preset: role)) }
        let (server, client) = (Self.preset(.server), Self.preset(.client))
        #expect(try bench.answer("GET", "/endpoints").text == #"{"endpoints":[\#(server),\#(client)],"next":null}"#)
        #expect(try bench.answer("GET", "/endpoints?limit=1").text == #"{"endpoints":[\#(server)],"next":1}"#)
        #expect(
            try bench.answer("GET", "/endpoints?limit=1&after=1").text == #"{"endpoints":[\#(client)],"next":null}"#)
        #expect(try bench.answer("GET", "/endpoints?after=2").text == #"{"endpoints":[],"next":null}"#)
    }

    @Test func countersAreOfOneOrOfAll() throws {
        let bench = try Bench()
        for role in EndpointRole.allCases { bench.publish(EndpointDefinition(preset: role)) }
        #expect(try bench.answer("GET", "/endpoints/client/counters").text == Self.counters)
        let all = try bench.answer("GET", "/counters")
        #expect(all.status == 200)
        #expect(
            all.text
                == #"{"total":\#(Self.counters),"endpoints":{"server":\#(Self.counters),"client":\#(Self.counters)}}"#)
    }

    @Test(arguments: [
        ("GET", "/endpoints/x"), ("DELETE", "/endpoints/x"), ("POST", "/endpoints/x/start"),
        ("POST", "/endpoints/x/stop"), ("GET", "/endpoints/x/counters"), ("GET", "/endpoints/x/segments"),
        ("POST", "/endpoints/x/segments"), ("GET", "/segments?endpoint=x"),
    ])
    func areNotFoundByAnIDNobodyHas(method: String, target: String) throws {
        let bench = try Bench()
        bench.failure = .init(.unknownEndpoint(id: "x"))
        let response = try bench.answer(method, target)
        #expect(response.status == 404)
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(
            response.text
                == #"{"type":"/problems/not-found","title":"There is no such resource","status":404,"#
                + #""detail":"there is no endpoint \"x\""}"#)
    }
}

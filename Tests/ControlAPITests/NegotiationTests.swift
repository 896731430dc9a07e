import HTTPMessage
import SegmentEngine
import Testing

@Suite struct NegotiationTests {
    @Test(
        arguments: [
            nil, "application/json", "application/json; charset=utf-8", "Application/JSON", "application/json ;x=y",
            "application/x-www-form-urlencoded",
        ] as [String?])
    func takesJSONUnderTheseTypes(type: String?) throws {
        let headers = type.map { [HTTPField("Content-Type", $0)] } ?? []
        let response = try Bench().answer("POST", "/endpoints", #"{"role":"server"}"#, headers: headers)
        #expect(response.status == 201)
    }

    @Test(arguments: [
        "text/plain", "application/jsonp", "application/problem+json", "multipart/form-data; boundary=x", "",
    ])
    func refusesBodiesOfOtherTypes(type: String) throws {
        for target in ["/endpoints", "/reset", "/endpoints/server/start", "/endpoints/server/segments"] {
            let bench = try Bench()
            bench.publish(EndpointDefinition(preset: .server))
            let response = try bench.answer("POST", target, "{}", headers: [HTTPField("Content-Type", type)])
            #expect(response.status == 415)
            #expect(
                response.text
                    == #"{"type":"/problems/unsupported-media-type","#
                    + #""title":"The body has a type that is not understood","status":415,"#
                    + #""detail":"Content-Type is \"\#(type)\", must be application/json"}"#)
            #expect(bench.latest == nil)
        }
    }

    /// A browser may send that type to any site without asking, and says where it comes from.
    @Test func refusesTheFormTypeFromABrowser() throws {
        let form = HTTPField("Content-Type", "application/x-www-form-urlencoded")
        let origin = HTTPField("Origin", "http://127.0.0.1:8080")
        let body = #"{"role":"server"}"#
        #expect(try Bench().answer("POST", "/endpoints", body, headers: [form, origin]).status == 415)
        let json = HTTPField("Content-Type", "application/json")
        #expect(try Bench().answer("POST", "/endpoints", body, headers: [json, origin]).status == 201)
    }

    @Test(arguments: [
        "*/*", "application/*", "application/json", "text/html, */*;q=0.1", "text/html,application/xhtml+xml,*/*;q=0.8",
        "APPLICATION/JSON", "application/json;q=0.5",
    ])
    func answersWhoAcceptsJSON(accept: String) throws {
        #expect(try Bench().answer("GET", "/healthz", headers: [HTTPField("Accept", accept)]).status == 200)
    }

    @Test(arguments: ["text/html", "application/xml", "application/json;q=0", "text/*", "image/png, text/css"])
    func doesNotAnswerWhoAcceptsNoJSON(accept: String) throws {
        let response = try Bench().answer("GET", "/healthz", headers: [HTTPField("Accept", accept)])
        #expect(response.status == 406)
        #expect(
            response.text
                == #"{"type":"/problems/not-acceptable","title":"The resource has no such representation","status":406,"#
                + #""detail":"there is application/json only"}"#)
    }

    @Test(arguments: [
        ("/endpoints", "POST, GET, HEAD, OPTIONS"), ("/endpoints/x", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("/endpoints/x/start", "POST, OPTIONS"), ("/endpoints/x/stop", "POST, OPTIONS"),
        ("/endpoints/x/segments", "POST, GET, HEAD, OPTIONS"), ("/endpoints/x/counters", "GET, HEAD, OPTIONS"),
        ("/segments", "GET, HEAD, OPTIONS"), ("/segments/1", "GET, HEAD, OPTIONS"),
        ("/transmissions", "GET, HEAD, OPTIONS"), ("/transmissions/t1", "GET, DELETE, HEAD, OPTIONS"),
        ("/counters", "GET, HEAD, OPTIONS"),
        ("/reset", "POST, OPTIONS"), ("/healthz", "GET, HEAD, OPTIONS"), ("/readyz", "GET, HEAD, OPTIONS"),
        ("/version", "GET, HEAD, OPTIONS"), ("/limits", "GET, HEAD, OPTIONS"),
    ])
    func saysWhichMethodsAResourceHas(target: String, allowed: String) throws {
        let bench = try Bench()
        let options = try bench.answer("OPTIONS", target)
        #expect(options.status == 204)
        #expect(options["Allow"] == allowed)
        #expect(options.body.isEmpty)

        let methods = Set(allowed.split(separator: ", ").map { String($0) })
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "get", "BREW"]
        where !methods.contains(method) {
            let response = try bench.answer(method, target)
            #expect(response.status == 405)
            #expect(response["Allow"] == allowed)
            #expect(
                response.text
                    == #"{"type":"/problems/method-not-allowed","title":"The resource does not have that method","#
                    + #""status":405,"detail":"\#(method) is none of \#(allowed)"}"#)
        }
    }

    @Test(arguments: ["/healthz", "/version", "/limits", "/counters", "/endpoints", "/segments", "/readyz"])
    func answersHEADAsGET(target: String) throws {
        let bench = try Bench()
        let (head, whole) = (try bench.answer("HEAD", target), try bench.answer("GET", target))
        #expect(head.status == whole.status)
        #expect(head.headers == whole.headers)
        #expect(head.text == whole.text)
    }

    @Test(arguments: [
        "/nothing", "/endpoints/", "/endpoints//", "/endpoints/x/start/", "/Endpoints", "/endpoints/x/y",
        "/segments/1/2",
        "/healthz/x", "/endpoints%2Fx", "//healthz",
    ])
    func thereIsNothingElse(target: String) throws {
        for method in ["GET", "POST", "OPTIONS"] {
            let response = try Bench().answer(method, target)
            #expect(response.status == 404)
            #expect(response.json?["type"]?.text == "/problems/not-found")
        }
    }

    @Test(arguments: [
        (#"{"role":"server""#, "line 1, column 17: the text ends too early", ""),
        ("", "line 1, column 1: there is no JSON value", ""),
        (#"{"role":"server"} x"#, "line 1, column 19: unexpected data after the value", ""),
        (#"{"role":"server","local":{"port":1,"port":2}}"#, #"line 1, column 36: duplicate key "port""#, "/local/port"),
        (#"{'role':'server'}"#, #"line 1, column 2: unexpected "'""#, ""),
        ("{\"role\":\"server\",}", #"line 1, column 18: unexpected "}""#, ""),
        ("role=server", #"line 1, column 1: unexpected "r""#, ""),
    ])
    func refusesWhatIsNotJSON(body: String, detail: String, pointer: String) throws {
        let response = try Bench().answer("POST", "/endpoints", body)
        #expect(response.status == 400)
        #expect(response.json?["type"]?.text == "/problems/malformed-json")
        #expect(response.json?["detail"]?.text == detail)
        #expect(response.violations == (pointer.isEmpty ? [] : ["\(pointer): duplicate key"]))
    }

    @Test(arguments: [
        ("GET", "/endpoints?limit=0", #"limit: "0" is not an integer in 1…10000"#),
        ("GET", "/endpoints?limit=10001", #"limit: "10001" is not an integer in 1…10000"#),
        ("GET", "/endpoints?limit=0x10", #"limit: "0x10" is not an integer in 1…10000"#),
        ("GET", "/endpoints?limit=+1", #"limit: "+1" is not an integer in 1…10000"#),
        ("GET", "/endpoints?limit=", #"limit: "" is not an integer in 1…10000"#),
        ("GET", "/endpoints?limit=1&limit=1", "limit: is there 2 times"),
        ("GET", "/endpoints?after=-1", #"after: "-1" is not an integer in 0…4294967295"#),
        ("GET", "/endpoints?limt=1", #"limt: unknown parameter, did you mean "limit"?"#),
        ("GET", "/segments?direction=out", #"direction: "out" is none of received, sent, error, any"#),
        (
            "GET", "/segments?after=9223372036854775808",
            #"after: "9223372036854775808" is not an integer in 0…9223372036854775807"#
        ),
        ("GET", "/healthz?x=1", "x: unknown parameter"), ("GET", "/readyz?x", "x: unknown parameter"),
        ("GET", "/version?x", "x: unknown parameter"), ("GET", "/limits?x", "x: unknown parameter"),
        ("GET", "/counters?x", "x: unknown parameter"), ("POST", "/reset?x", "x: unknown parameter"),
        ("POST", "/endpoints?x", "x: unknown parameter"), ("DELETE", "/endpoints/e?x", "x: unknown parameter"),
        ("GET", "/transmissions/t1?x", "x: unknown parameter"), ("GET", "/segments/1?x", "x: unknown parameter"),
    ])
    func refusesParametersItDoesNotKnow(method: String, target: String, expected: String) throws {
        let bench = try Bench()
        let response = try bench.answer(method, target)
        #expect(response.status == 422)
        #expect(response.violations == [expected])
        #expect(bench.latest == nil)
    }

    @Test(arguments: ["/reset", "/endpoints/e/start", "/endpoints/e/stop"])
    func refusesABodyThatSaysSomethingWhereNothingIsAsked(target: String) throws {
        let bench = try Bench()
        #expect(try bench.answer("POST", target, #"{"force":true}"#).violations == ["/force: unknown member"])
        #expect(try bench.answer("POST", target, "[]").violations == [": is a list, must be an object"])
        #expect(try bench.answer("POST", target, "x").status == 400)
        #expect(bench.latest == nil)
    }
}

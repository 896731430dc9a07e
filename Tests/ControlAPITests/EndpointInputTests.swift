import HTTPMessage
import SegmentEngine
import Testing

/// What is wrong with an endpoint is said all at once, each at its place.
@Suite struct EndpointInputTests {
    private func violations(_ body: String) throws -> [String] {
        let bench = try Bench()
        let response = try bench.answer("POST", "/endpoints", body)
        #expect(response.status == 422, "\(response.text)")
        #expect(response["Content-Type"] == "application/problem+json")
        #expect(
            response.text.hasPrefix(#"{"type":"/problems/invalid-field","title":"A field is not valid","status":422,"#))
        #expect(bench.latest == nil, "nothing was asked of the engine")
        return response.violations
    }

    @Test(arguments: [
        (#"{}"#, #"/role: is missing, must be "server" or "client""#),
        (#"{"role":null}"#, #"/role: is missing, must be "server" or "client""#),
        (#"{"role":5}"#, "/role: is a number, must be a string"),
        (#"{"role":"router"}"#, #"/role: "router" is none of server, client"#),
        (#"{"role":"Server"}"#, #"/role: "Server" is none of server, client, did you mean "server"?"#),
        (
            #"[{"role":"server"},{"role":"clint"}]"#,
            #"/1/role: "clint" is none of server, client, did you mean "client"?"#
        ),
        (#"[7]"#, "/0: is a number, must be an object"),
        (#"7"#, ": is a number, must be an object"),
        (#"null"#, ": is null, must be an object"),
        (#"{"role":"server","triger":"level"}"#, #"/triger: unknown member, did you mean "trigger"?"#),
        (#"{"role":"server","colour":1}"#, "/colour: unknown member"),
        (#"{"role":"server","a/b~c":1}"#, "/a~1b~0c: unknown member"),
        (
            #"{"role":"server","local":{"adress":"127.0.0.1"}}"#,
            #"/local/adress: unknown member, did you mean "address"?"#
        ),
        (#"{"role":"server","local":[]}"#, "/local: is a list, must be an object"),
        (#"{"role":"server","local":{"port":70000}}"#, "/local/port: 70000 is not an integer in 0…65535"),
        (#"{"role":"server","local":{"port":-1}}"#, "/local/port: -1 is not an integer in 0…65535"),
        (#"{"role":"server","local":{"port":1.5}}"#, "/local/port: 1.5 is not an integer in 0…65535"),
        (#"{"role":"server","local":{"port":1e5}}"#, "/local/port: 1e5 is not an integer in 0…65535"),
        (#"{"role":"server","local":{"port":"0x1ffff"}}"#, #"/local/port: "0x1ffff" is not an integer in 0…65535"#),
        (#"{"role":"server","local":{"port":"0xZZ"}}"#, #"/local/port: "0xZZ" is not an integer in 0…65535"#),
        (#"{"role":"server","local":{"port":"0x"}}"#, #"/local/port: "0x" is not an integer in 0…65535"#),
        (#"{"role":"server","local":{"port":"-0x1"}}"#, #"/local/port: "-0x1" is not an integer in 0…65535"#),
        (#"{"role":"server","local":{"port":"+5"}}"#, #"/local/port: "+5" is not an integer in 0…65535"#),
        (#"{"role":"server","local":{"port":" 5"}}"#, #"/local/port: " 5" is not an integer in 0…65535"#),
        (#"{"role":"server","local":{"port":""}}"#, #"/local/port: "" is not an integer in 0…65535"#),
        (
            #"{"role":"server","local":{"port":99999999999999999999}}"#,
            "/local/port: 99999999999999999999 is not an integer in 0…65535"
        ),
        (#"{"role":"server","local":{"port":true}}"#, "/local/port: is true or false, must be an integer"),
        (#"{"role":"server","remote":{"port":0}}"#, "/remote/port: 0 is not an integer in 1…65535"),
        (
            #"{"role":"server","remote":{"address":"127.0.0.256"}}"#,
            #"/remote/address: "127.0.0.256" is not an IPv4 address of four numbers in 0…255"#
        ),
        (
            #"{"role":"server","local":{"address":"localhost"}}"#,
            #"/local/address: "localhost" is not an IPv4 address of four numbers in 0…255"#
        ),
        (#"{"role":"server","local":{"address":2130706433}}"#, "/local/address: is a number, must be a string"),
        (
            #"{"role":"server","domain":"AF_INET6"}"#,
            #"/domain: "AF_INET6" is none of AF_INET, PF_INET, did you mean "AF_INET"?"#
        ),
        (#"{"role":"server","trigger":"rising"}"#, #"/trigger: "rising" is none of level, edge"#),
        (#"{"role":"server","socket":"none"}"#, #"/socket: "none" is none of shared, own"#),
        (
            #"{"role":"server","guard":"firewall"}"#,
            #"/guard: "firewall" is none of auto, listener, md5, nftables, none"#
        ),
        (
            #"{"role":"server","guard":{"wanted":"listner"}}"#,
            #"/guard/wanted: "listner" is none of auto, listener, md5, nftables, none, did you mean "listener"?"#
        ),
        (#"{"role":"server","guard":{"want":"md5"}}"#, #"/guard/want: unknown member"#),
        (#"{"role":"server","guard":[]}"#, "/guard: is a list, must be a string"),
        (#"{"role":"server","start":"yes"}"#, "/start: is a string, must be true or false"),
        (
            #"{"role":"server","namespace":"../blue"}"#,
            "/namespace: \"../blue\" is no name of a network namespace: "
                + "1 to 255 octets without '/' and control characters, not '.' or '..'"
        ),
        (#"{"role":"server","namespace":7}"#, "/namespace: is a number, must be a string"),
        (
            #"{"role":"server","filter":"port http"}"#,
            "/filter: \"http\" is no word of filters; names of hosts, ports and protocols are not looked up: write numbers and addresses, as in \"host 192.0.2.1 and port 80\""
        ),
        (#"{"role":"client","remote":null}"#, "/remote: a client needs a remote"),
        (#"{"role":"server","pace":"fast"}"#, #"/pace: "fast" is not a duration such as "250ms", "2s" or "0s""#),
        (#"{"role":"server","pace":"100"}"#, #"/pace: "100" is not a duration such as "250ms", "2s" or "0s""#),
        (#"{"role":"server","pace":100}"#, "/pace: is a number, must be a string"),
        (#"{"role":"server","limit":-1}"#, "/limit: -1 is not an integer in 0…9223372036854775807"),
        (
            #"{"role":"server","rules":[],"pace":"1s"}"#,
            "/pace: is for the preset's rule; with rules of your own, give it in each"
        ),
        (#"{"role":"server","rules":{}}"#, "/rules: is an object, must be a list"),
        (#"{"role":"server","rules":["greet"]}"#, "/rules/0: is a string, must be an object"),
        (
            #"{"role":"server","rules":[{"match":{"flag":["SYN"]}}]}"#,
            #"/rules/0/match/flag: unknown member, did you mean "flags"?"#
        ),
        (
            #"{"role":"server","rules":[{"match":{"flags":"SYN"}}]}"#,
            "/rules/0/match/flags: is a string, must be a list"
        ),
        (
            #"{"role":"server","rules":[{"match":{"payloadLength":{"from":2,"to":1}}}]}"#,
            "/rules/0/match/payloadLength: from 2 to 1 is no length"
        ),
        (
            #"{"role":"server","rules":[{"match":{"payloadLength":65496}}]}"#,
            "/rules/0/match/payloadLength: 65496 is not an integer in 0…65495"
        ),
        (
            #"{"role":"server","rules":[{"match":{"payloadLength":{"least":1}}}]}"#,
            "/rules/0/match/payloadLength/least: unknown member"
        ),
        (
            #"{"role":"server","rules":[{"match":{"filter":"tcp ["}}]}"#,
            "/rules/0/match/filter: can't parse filter expression: syntax error"
        ),
        (
            #"{"role":"server","rules":[{"reply":[{"window":65536}]}]}"#,
            "/rules/0/reply/0/window: 65536 is not an integer in 0…65535"
        ),
        (
            #"{"role":"server","rules":[{"reply":[{"sequenceNumber":{"received":"ack"}}]}]}"#,
            #"/rules/0/reply/0/sequenceNumber/received: "ack" is none of sequenceNumber, acknowledgmentNumber, end"#
        ),
        (
            #"{"role":"server","rules":[{"reply":[{"sequenceNumber":{}}]}]}"#,
            #"/rules/0/reply/0/sequenceNumber: must have "received""#
        ),
        (#"{"role":"client","opening":[1]}"#, "/opening/0: is a number, must be an object"),
        (
            #"{"role":"client","opening":[{"acknowledgmentNumber":{"received":"end"}}]}"#,
            "/opening/0/acknowledgmentNumber: there is no received segment to take a number from, "
                + "only replies of rules have one"
        ),
        (#"{"role":"server","labels":[]}"#, "/labels: is a list, must be an object of strings"),
        (#"{"role":"server","labels":{"a":1}}"#, "/labels/a: is a number, must be a string"),
    ])
    func saysWhatIsWrongAndWhere(body: String, expected: String) throws {
        #expect(try violations(body) == [expected])
    }

    @Test(arguments: [
        ("rules", "{}", 64, "/rules: has 65 elements, may have 64"),
        ("opening", "{}", 64, "/opening: has 65 elements, may have 64"),
    ])
    func boundsItsLists(member: String, element: String, limit: Int, expected: String) throws {
        let list = { (count: Int) in
            #"{"role":"server","\#(member)":[\#(Array(repeating: element, count: count).joined(separator: ","))]}"#
        }
        #expect(try violations(list(limit + 1)) == [expected])
        #expect(try Bench().answer("POST", "/endpoints", list(limit)).status == 201)
    }

    @Test func boundsRepliesLabelsAndEndpoints() throws {
        let replies = Array(repeating: "{}", count: 17).joined(separator: ",")
        #expect(
            try violations(#"{"role":"server","rules":[{"reply":[\#(replies)]}]}"#)
                == ["/rules/0/reply: has 17 elements, may have 16"])
        let labels = (0..<65).map { #""\#($0)":"""# }.joined(separator: ",")
        #expect(try violations(#"{"role":"server","labels":{\#(labels)}}"#) == ["/labels: has 65 labels, may have 64"])
        let long = String(repeating: "x", count: 257)
        #expect(
            try violations(#"{"role":"server","labels":{"a":"\#(long)"}}"#)
                == ["/labels/a: a label's name and value have at most 256 octets each"])
        let many = Array(repeating: #"{"role":"server"}"#, count: 101).joined(separator: ",")
        #expect(try violations("[\(many)]") == [": has 101 elements, may have 100"])
    }

    @Test func saysEverythingThatIsWrong() throws {
        let body = #"{"local":{"port":70000,"adress":1},"remote":{"address":"x"},"trigger":"foo"}"#
        #expect(
            Set(try violations(body)) == [
                #"/role: is missing, must be "server" or "client""#, "/local/port: 70000 is not an integer in 0…65535",
                #"/local/adress: unknown member, did you mean "address"?"#,
                #"/remote/address: "x" is not an IPv4 address of four numbers in 0…255"#,
                #"/trigger: "foo" is none of level, edge"#,
            ])
    }

    /// The first hundred are enough to mend, and the answer stays short.
    @Test func saysNoMoreThanAHundredThings() throws {
        let members = (0..<500).map { #""x\#($0)":0"# }.joined(separator: ",")
        let bench = try Bench()
        let response = try bench.answer("POST", "/endpoints", #"{"role":"server",\#(members)}"#)
        #expect(response.status == 422)
        #expect(response.violations.count == 100)
        #expect(response.violations.first == "/x0: unknown member")
    }
}

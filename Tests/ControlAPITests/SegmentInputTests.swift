import HTTPMessage
import SegmentEngine
import TCPWire
import Testing

@Suite struct SegmentInputTests {
    private func send(_ body: String) throws -> (response: HTTPResponse, template: SegmentTemplate?) {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        let response = try bench.answer("POST", "/endpoints/server/segments", body)
        guard case .send(let template, "server", _)? = bench.latest else { return (response, nil) }
        return (response, template)
    }

    @Test(arguments: [
        (#"[]"#, ": is a list, must be an object"),
        (#"{"flag":["SYN"]}"#, #"/flag: unknown member, did you mean "flags"?"#),
        (
            #"{"flags":["SYNN"]}"#,
            #"/flags/0: "SYNN" is none of SYN, ACK, FIN, RST, PSH, URG, ECE, CWR, did you mean "SYN"?"#
        ),
        (
            #"{"flags":["syn"]}"#,
            #"/flags/0: "syn" is none of SYN, ACK, FIN, RST, PSH, URG, ECE, CWR, did you mean "SYN"?"#
        ),
        (#"{"flags":"SYN"}"#, "/flags: is a string, must be a list"),
        (#"{"window":70000}"#, "/window: 70000 is not an integer in 0…65535"),
        (#"{"sourcePort":-1}"#, "/sourcePort: -1 is not an integer in 0…65535"),
        (#"{"destinationPort":65536}"#, "/destinationPort: 65536 is not an integer in 0…65535"),
        (#"{"sequenceNumber":4294967296}"#, "/sequenceNumber: 4294967296 is not an integer in 0…4294967295"),
        (
            #"{"acknowledgmentNumber":"0x100000000"}"#,
            #"/acknowledgmentNumber: "0x100000000" is not an integer in 0…4294967295"#
        ),
        (
            #"{"sequenceNumber":{"received":"end"}}"#,
            "/sequenceNumber: there is no received segment to take a number from, only replies of rules have one"
        ),
        (#"{"urgentPointer":65536}"#, "/urgentPointer: 65536 is not an integer in 0…65535"),
        (#"{"dataOffset":16}"#, "/dataOffset: 16 is not an integer in 0…15"),
        (#"{"reservedBits":16}"#, "/reservedBits: 16 is not an integer in 0…15"),
        (#"{"checksum":65536}"#, "/checksum: 65536 is not an integer in 0…65535"),
        (#"{"checksum":"wrong"}"#, #"/checksum: "wrong" is not an integer in 0…65535"#),
        (#"{"checksum":{"value":-1}}"#, "/checksum/value: -1 is not an integer in 0…65535"),
        (#"{"truncate":65516}"#, "/truncate: 65516 is not an integer in 0…65515"),
        (
            #"{"payload":5}"#,
            "/payload: is a number, must be a string, {\"hex\": …}, {\"base64\": …} or {\"length\": …, \"random\": …}"
        ),
        (#"{"payload":{}}"#, "/payload: must have one of hex, base64, text or length"),
        (#"{"payload":{"hex":"00","length":1}}"#, "/payload: must have only one of hex, base64, text and length"),
        (#"{"payload":{"hex":"abc"}}"#, "/payload/hex: not an even number of hexadecimal digits"),
        (#"{"payload":{"hex":"0g"}}"#, "/payload/hex: not an even number of hexadecimal digits"),
        (#"{"payload":{"base64":"QQ"}}"#, "/payload/base64: not base64 with its padding"),
        (#"{"payload":{"base64":"QR=="}}"#, "/payload/base64: not base64 with its padding"),
        (#"{"payload":{"length":65496}}"#, "/payload/length: 65496 is not an integer in 0…65495"),
        (
            #"{"payload":{"hexx":"00"}}"#,
            "/payload: must have one of hex, base64, text or length|/payload/hexx: unknown member, did you mean \"hex\"?"
        ),
        (
            #"{"options":[{"kind":"maximumSegmentSize","value":65536}]}"#,
            "/options/0/value: 65536 is not an integer in 0…65535"
        ),
        (#"{"options":[{"kind":256}]}"#, "/options/0/kind: 256 is not an integer in 0…255"),
        (#"{"options":[{"value":1}]}"#, "/options/0/kind: is missing|/options/0/value: unknown member"),
        (
            #"{"options":[{"kind":"windowScale","value":7}]}"#,
            "/options/0/shift: is missing|/options/0/value: unknown member"
        ),
        (#"{"options":[{"kind":"timestamps"}]}"#, "/options/0/value: is missing|/options/0/echoReply: is missing"),
        (#"{"options":[{"kind":254,"data":"0"}]}"#, "/options/0/data: not an even number of hexadecimal digits"),
        (#"{"options":[{"kind":"md5Signature","digest":"00"}]}"#, "/options/0/digest: has 1 octets, must have 16"),
        (
            #"{"options":[{"kind":254,"data":"\#(String(repeating: "00", count: 39))"}]}"#,
            "/options: 41 octets of options are not a multiple of 4 up to 40"
        ),
        (#"{"ip":{"timeToLive":256}}"#, "/ip/timeToLive: 256 is not an integer in 0…255"),
        (#"{"ip":{"dscp":64}}"#, "/ip/dscp: 64 is not an integer in 0…63"),
        (#"{"ip":{"ecn":4}}"#, "/ip/ecn: 4 is not an integer in 0…3"),
        (#"{"ip":{"identification":65536}}"#, "/ip/identification: 65536 is not an integer in 0…65535"),
        (#"{"ip":{"fragmentOffset":8192}}"#, "/ip/fragmentOffset: 8192 is not an integer in 0…8191"),
        (#"{"ip":{"dontFragment":1}}"#, "/ip/dontFragment: is a number, must be true or false"),
        (#"{"ip":{"options":"01"}}"#, "/ip/options: has 1 octets, must have a multiple of 4 up to 40"),
        (
            #"{"ip":{"source":"0.0.0.0"}}"#,
            "/ip/source: 0.0.0.0 would be replaced by the kernel; leave it out for the endpoint's address"
        ),
        (
            #"{"ip":{"identification":0,"dontFragment":false}}"#,
            "/ip/identification: 0 would be replaced by the kernel where dontFragment is false; "
                + "use 1…65535, or leave it out"
        ),
        (#"{"ip":{"ttl":1}}"#, "/ip/ttl: unknown member"),
        (#"{"ip":[]}"#, "/ip: is a list, must be an object"),
    ])
    func saysWhatIsWrongAndWhere(body: String, expected: String) throws {
        let (response, template) = try send(body)
        #expect(response.status == 422, "\(response.text)")
        #expect(response.violations.joined(separator: "|") == expected)
        #expect(template == nil)
    }

    @Test func knowsTheNameOfAnOptionThatWasMeant() throws {
        let (response, _) = try send(#"{"options":[{"kind":"maximumSegmentsize"}]}"#)
        #expect(response.violations.first?.hasSuffix(#"did you mean "maximumSegmentSize"?"#) == true)
    }

    @Test(
        arguments: [
            (#""Hello ü""#, Array("Hello ü".utf8)), (#""""#, []), (#"{"hex":"00 fF"}"#, [0, 255]),
            (#"{"base64":"AP8="}"#, [0, 255]), (#"{"text":"abc"}"#, Array("abc".utf8)), (#"{"length":0}"#, []),
            (#"{"length":2,"text":"ignored","base64":"AP8="}"#, [0, 255]),
            // The first octets of SplitMix64 from seed 0, most significant first.
            (#"{"length":9,"random":0}"#, [0xe2, 0x20, 0xa8, 0x39, 0x7b, 0x1d, 0xcd, 0xaf, 0x6e]),
        ] as [(String, [UInt8])])
    func takesAPayloadInAnyForm(json: String, expected: [UInt8]) throws {
        #expect(try send(#"{"payload":\#(json)}"#).template?.payload == expected)
    }

    @Test(arguments: [
        ("null", ChecksumChoice.correct), (#""correct""#, .correct), (#""incorrect""#, .incorrect), ("0", .given(0)),
        (#""0xabcd""#, .given(0xabcd)), (#"{"value":7,"status":"valid","expected":9}"#, .given(7)),
    ])
    func takesAChecksumInAnyForm(json: String, expected: ChecksumChoice) throws {
        #expect(try send(#"{"checksum":\#(json)}"#).template?.checksum == expected)
    }

    @Test(
        arguments: [
            (#"[{"kind":"maximumSegmentSize","value":1460}]"#, [2, 4, 5, 180]), ("[]", []),
            (
                #"[{"kind":"sackPermitted"},{"kind":"noOperation"},{"kind":"windowScale","shift":7}]"#,
                [4, 2, 1, 3, 3, 7, 0, 0]
            ),
            (#"[{"kind":"timestamps","value":1,"echoReply":2}]"#, [8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0]),
            (#"[{"kind":254,"length":6,"data":"f00dcafe"}]"#, [254, 6, 0xf0, 0x0d, 0xca, 0xfe, 0, 0]),
            (#"[{"kind":"0xfe","data":"f00d"}]"#, [254, 4, 0xf0, 0x0d]),
            (#"[{"kind":3,"length":9,"data":"07"}]"#, [3, 9, 7, 0]),
            (#"[{"kind":"0XFE","data":"f00d"}]"#, [254, 4, 0xf0, 0x0d]),
            (#"[{"kind":"sack","blocks":[{"leftEdge":1,"rightEdge":2}]}]"#, [5, 10, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0]),
            (#"[{"kind":77,"withoutLength":true}]"#, [77, 0, 0, 0]),
        ] as [(String, [UInt8])])
    func takesOptionsByNameOrByNumber(json: String, expected: [UInt8]) throws {
        let (response, template) = try send(#"{"options":\#(json)}"#)
        #expect(template?.options == expected, "\(response.text)")
    }

    @Test func fillsInNothingButTheContractsValues() throws {
        let (response, template) = try send("{}")
        #expect(template == SegmentTemplate())
        #expect(response.status == 202)
        #expect(response["Location"] == "/transmissions/t1")
        #expect(
            response.text
                == #"{"id":"t1","endpoint":"server","state":"queued","requested":1,"attempted":0,"sent":0,"outcomes":{},"#
                + #""octetsSent":0,"startedAt":null,"endedAt":null,"firstError":null}"#)
    }
}

import HTTPMessage
import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct PreviewTests {
    private func bench(_ change: (inout EndpointDefinition) -> Void = { _ in }) throws -> Bench {
        let bench = try Bench { configuration in
            configuration.policy.allowedDestinations = IPv4Prefix("127.0.0.0/8").map { [$0] } ?? []
        }
        var definition = EndpointDefinition(preset: .client)
        change(&definition)
        bench.publish(definition)
        return bench
    }

    private static func fields(_ fields: [(String, Int, Int)]) -> String {
        "[" + fields.map { #"{"name":"\#($0.0)","offset":\#($0.1),"length":\#($0.2)}"# }.joined(separator: ",") + "]"
    }

    private static let header: [(String, Int, Int)] = [
        ("ip.version+headerLength", 0, 1), ("ip.dscp+ecn", 1, 1), ("ip.totalLength", 2, 2),
        ("ip.identification", 4, 2), ("ip.flags+fragmentOffset", 6, 2), ("ip.timeToLive", 8, 1),
        ("ip.protocol", 9, 1), ("ip.checksum", 10, 2), ("ip.source", 12, 4), ("ip.destination", 16, 4),
    ]
    private static let segment: [(String, Int, Int)] = [
        ("sourcePort", 20, 2), ("destinationPort", 22, 2), ("sequenceNumber", 24, 4),
        ("acknowledgmentNumber", 28, 4), ("dataOffset+reservedBits", 32, 1), ("flags", 33, 1), ("window", 34, 2),
        ("checksum", 36, 2), ("urgentPointer", 38, 2),
    ]
    private static let kernelFills = #""kernelFills":["ip.totalLength","ip.checksum"]"#

    /// The octets are those of the main path's segment, whose checksums were worked out by hand.
    @Test func showsWhatWouldLeaveAndSendsNothing() throws {
        let bench = try bench()
        let response = try bench.answer(
            "POST", "/endpoints/client/segments?validate=true",
            #"{"flags":["SYN"],"window":200,"payload":"Hello server","repeat":{"count":1000}}"#)
        #expect(response.status == 200)
        let octets = """
            4500003400004000400\
            63cc27f0000017f000001c351c3500000000000000000500200c8bb29000048656c6c6f20736572766572
            """
        let fields = Self.fields(Self.header + Self.segment + [("payload", 40, 12)])
        #expect(
            response.text
                == #"{"segments":[{"octets":"\#(octets)","fields":\#(fields),\#(Self.kernelFills)}]}"#)
        #expect(bench.latest == nil)
        #expect(bench.engine.transmissions.page(after: 0, limit: 1).transmissions.isEmpty)
        #expect(response["Location"] == nil)
    }

    @Test func showsOptionsAndWhatIsCutOff() throws {
        let response = try bench().answer(
            "POST", "/endpoints/client/segments?validate=true",
            #"[{"truncate":3},{"options":[{"kind":"maximumSegmentSize","value":1460},{"kind":254,"data":""}]}]"#)
        let short = Self.fields(Self.header + [("sourcePort", 20, 2), ("destinationPort", 22, 1)])
        let long = Self.fields(
            Self.header + Self.segment + [
                ("options.maximumSegmentSize", 40, 4), ("options.254", 44, 2), ("options.endOfOptionList", 46, 1),
                ("options.endOfOptionList", 47, 1),
            ])
        #expect(response.status == 200)
        let text = response.text
        #expect(text.contains(#""fields":\#(short),\#(Self.kernelFills)},{"octets""#), "\(text)")
        #expect(text.hasSuffix(#""fields":\#(long),\#(Self.kernelFills)}]}"#), "\(text)")
    }

    @Test func showsAStoppedEndpointsSegmentsToo() throws {
        let bench = try bench { $0.id = "e" }
        bench.publish(
            bench.engine.endpoints.endpoint("e")?.definition ?? EndpointDefinition(preset: .client), state: .stopped)
        #expect(try bench.answer("POST", "/endpoints/e/segments?validate=true", "{}").status == 200)
    }

    @Test(arguments: ["", "?validate=false"])
    func sendsWhenItIsNotAskedTo(query: String) throws {
        let response = try bench().answer("POST", "/endpoints/client/segments\(query)", "{}")
        #expect(response.status == 202)
    }

    @Test(arguments: [
        (#"{"ip":{"destination":"10.0.0.1"}}"#, 403, "/ip/destination: 10.0.0.1 is not allowed"),
        (#"[{},{"ip":{"destination":"224.0.0.1"}}]"#, 403, "/1/ip/destination: 224.0.0.1 is not unicast"),
        (#"[{"ip":{"source":"127.0.0.2"}}]"#, 403, "/0/ip/source: 127.0.0.2 is not 127.0.0.1"),
        (#"{"ip":{"options":"83030400"}}"#, 403, "/ip/options: option 131 is refused"),
        (
            #"{"payload":{"length":65495},"options":[{"kind":"noOperation"}]}"#, 422,
            ": a segment of 65519 octets is longer than 65515"
        ),
        (#"{"window":-1}"#, 422, "/window: -1 is not an integer in 0…65535"),
    ])
    func refusesWhatSendingWould(body: String, status: Int, violation: String) throws {
        let response = try bench().answer("POST", "/endpoints/client/segments?validate=true", body)
        #expect(response.status == status)
        #expect(response.violations == [violation])
    }

    @Test func isNotForAnEndpointThatDoesNotExist() throws {
        let response = try bench().answer("POST", "/endpoints/x/segments?validate=true", "{}")
        #expect(response.status == 404)
        #expect(response.json?["detail"]?.text == "there is no endpoint \"x\"")
    }
}

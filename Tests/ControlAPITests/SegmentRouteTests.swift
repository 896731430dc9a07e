import HTTPMessage
import LinuxSystem
import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SegmentRouteTests {
    /// From the client's preset to the server's; its checksum was worked out by hand.
    private static let segment = """
        "timestamp":"2026-11-22T16:45:01.123456789Z","ip":{"source":"127.0.0.1","destination":"127.0.0.1",\
        "timeToLive":64,"dscp":0,"ecn":0,"identification":0,"dontFragment":true,"moreFragments":false,\
        "fragmentOffset":0,"options":null,"headerLength":20,"totalLength":52},"sourcePort":50001,\
        "destinationPort":50000,"sequenceNumber":0,"acknowledgmentNumber":0,"dataOffset":5,"reservedBits":0,\
        "flags":["SYN"],"window":200,"urgentPointer":0,"checksum":{"value":47913,"status":"valid","expected":47913},\
        "options":[],"payload":{"length":12,"text":"Hello server","base64":"SGVsbG8gc2VydmVy"},"malformed":[]
        """

    private func datagram() throws -> [UInt8] {
        var segment = TCPSegment(sourcePort: 50_001, destinationPort: 50_000)
        segment.flags = .syn
        segment.window = 200
        segment.payload = Array("Hello server".utf8)
        return try TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment).encoded()
    }

    private func page(_ items: [String], next: Int, oldest: Int = 1, kernel: Int = 0) -> String {
        #"{"segments":[\#(items.joined(separator: ","))],"next":\#(next),"oldest":\#(oldest),"#
            + #""lost":{"kernel":\#(kernel),"ring":0},"timedOut":false,"instance":"i1"}"#
    }

    private func shown(_ id: Int, _ direction: String) -> String {
        #"{"id":\#(id),"endpoint":"server","direction":"\#(direction)",\#(Self.segment)}"#
    }

    @Test func areShownAsTheContractHasThem() throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        #expect(try bench.answer("GET", "/segments").text == page([], next: 0))
        bench.capture(try datagram())
        bench.capture(try datagram(), .sent)
        bench.capture([], .loss, endpoint: 0, lost: 7)
        bench.capture(try datagram(), endpoint: 2)
        let received = shown(1, "received")
        let sent = shown(2, "sent")
        let foreign = shown(4, "received").replacing(#""server","direction""#, with: #"null,"direction""#)
        for (target, expected) in [
            ("/segments", page([received, foreign], next: 4, kernel: 7)),
            ("/segments?direction=sent", page([sent], next: 4)),
            ("/segments?direction=any&limit=2", page([sent, foreign], next: 4, kernel: 7)),
            ("/segments?endpoint=server&direction=any", page([received, sent], next: 4)),
            ("/endpoints/server/segments?direction=any", page([received, sent], next: 4)),
            ("/segments?after=1", page([foreign], next: 4, kernel: 7)), ("/segments?after=4", page([], next: 4)),
            ("/segments?after=0&limit=1", page([received], next: 1)),
        ] {
            let response = try bench.answer("GET", target)
            #expect(response.status == 200)
            #expect(response.text == expected, "\(target)")
        }
    }

    @Test func oneHasItsOctetsAndFields() throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        bench.capture(try datagram())
        let response = try bench.answer("GET", "/segments/1")
        let fields = [
            ("ip.version+headerLength", 0, 1), ("ip.dscp+ecn", 1, 1), ("ip.totalLength", 2, 2),
            ("ip.identification", 4, 2),
            ("ip.flags+fragmentOffset", 6, 2), ("ip.timeToLive", 8, 1), ("ip.protocol", 9, 1), ("ip.checksum", 10, 2),
            ("ip.source", 12, 4), ("ip.destination", 16, 4), ("sourcePort", 20, 2), ("destinationPort", 22, 2),
            ("sequenceNumber", 24, 4), ("acknowledgmentNumber", 28, 4), ("dataOffset+reservedBits", 32, 1),
            ("flags", 33, 1), ("window", 34, 2), ("checksum", 36, 2), ("urgentPointer", 38, 2), ("payload", 40, 12),
        ].map { #"{"name":"\#($0.0)","offset":\#($0.1),"length":\#($0.2)}"# }
        let octets = """
            4500003400004000400\
            63cc27f0000017f000001c351c3500000000000000000500200c8bb29000048656c6c6f20736572766572
            """
        #expect(response.status == 200)
        #expect(
            response.text
                == #"\#(shown(1, "received").dropLast()),"octets":"\#(octets)","fields":[\#(fields.joined(separator: ","))]}"#
        )
    }

    @Test(arguments: ["0", "2", "x", "-1", "+1", "01", "1.0", "99999999999999999999", "0x1"])
    func areNotFoundByANumberThatNoneHas(id: String) throws {
        let bench = try Bench()
        bench.capture(try datagram())
        let response = try bench.answer("GET", "/segments/\(id)")
        #expect(response.status == 404)
        #expect(
            response.json?["detail"]?.text == "there is no segment \"\(id)\"; the oldest is 1")
    }

    @Test func cursorsThatCannotBeReadFromAreGoneOrOfTheFuture() throws {
        let bench = try Bench()
        for _ in 0..<10 { bench.capture(try datagram()) }
        #expect(try bench.answer("GET", "/segments?after=2").status == 200)
        let gone = try bench.answer("GET", "/segments?after=0")
        #expect(gone.status == 410)
        #expect(
            gone.text
                == #"{"type":"/problems/cursor-gone","title":"The segments after this cursor are gone","status":410,"#
                + #""detail":"up to 2 segments have left the ring; the oldest is 3","oldest":3,"lost":2,"lostInKernel":0}"#
        )
        let future = try bench.answer("GET", "/segments?after=11")
        #expect(future.status == 422)
        #expect(future.violations == ["after: is beyond the latest, 10"])
    }

    @Test func aMalformedOneSaysWhatIsWrongWithIt() throws {
        let bench = try Bench()
        bench.capture(Array(try datagram().prefix(30)))
        let text = try bench.answer("GET", "/segments/1").text
        #expect(text.contains(#""malformed":["totalLengthMismatch","segmentTruncated"]"#))
        #expect(text.contains(#""truncate":10"#))
    }

    /// One octet of a checksum is shown, to be sent again, and judged by nobody.
    @Test func aChecksumThatIsCutOffIsNeitherRightNorWrong() throws {
        let bench = try Bench()
        bench.capture(Array(try datagram().prefix(36)))
        bench.capture(Array(try datagram().prefix(37)))
        #expect(try bench.answer("GET", "/segments/1").text.contains(#""checksum":null,"#))
        let half = #""checksum":{"value":47872,"status":null,"expected":null},"#
        #expect(try bench.answer("GET", "/segments/2").text.contains(half))
    }

    @Test func aTransmissionTellsHowItWent() throws {
        let bench = try Bench()
        var record = bench.engine.transmissions.begin(endpoint: "server", requested: 2)
        record.state = .done
        record.outcomes[.sent] = 1
        record.outcomes[.tooBig] = 1
        record.octetsSent = 32
        record.startedAt = Bench.time
        record.endedAt = Bench.time + 1
        record.firstError = .init(outcome: .tooBig, error: .messageTooLong, mtu: 1500)
        bench.engine.transmissions.publish(record)
        let response = try bench.answer("GET", "/transmissions/t1")
        #expect(response.status == 200)
        #expect(
            response.text
                == #"{"id":"t1","endpoint":"server","state":"done","requested":2,"attempted":2,"sent":1,"#
                + #""outcomes":{"sent":1,"tooBig":1},"octetsSent":32,"startedAt":"2026-11-22T16:45:01.123456789Z","#
                + #""endedAt":"2026-11-22T16:45:01.123456790Z","rate":null,"lateness":null,"#
                + #""firstError":{"outcome":"tooBig","errno":"EMSGSIZE","#
                + #""detail":"Message too long (EMSGSIZE): larger than the path's MTU of 1500 octets","mtu":1500}}"#)
    }

    @Test(arguments: ["t2", "1", "t", "t+1", "t01", "T1", "x", "t-1"])
    func aTransmissionIsNotFoundByANameThatNoneHas(id: String) throws {
        let bench = try Bench()
        _ = bench.engine.transmissions.begin(endpoint: "server", requested: 1)
        let response = try bench.answer("GET", "/transmissions/\(id)")
        #expect(response.status == 404)
        #expect(
            response.json?["detail"]?.text == "there is no transmission \"\(id)\"; the latest 10000 are remembered")
    }
}

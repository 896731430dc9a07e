import ArgumentParser
import JSONText
import Testing

@testable import CommandClient

@Suite struct SegmentOptionsTests {
    private func segment(_ arguments: [String]) throws -> String {
        let options = try SegmentOptions.parse(arguments)
        var object = JSONObject()
        options.apply(to: &object)
        return String(decoding: JSONValue.object(object).octets, as: UTF8.self)
    }

    @Test(arguments: [
        ([], "{}"),
        (["--flags", "syn,ACK"], #"{"flags":["SYN","ACK"]}"#),
        (["--flags", "none"], #"{"flags":[]}"#),
        (["--sequence-number", "0xffffffff", "--window", "0"], #"{"sequenceNumber":4294967295,"window":0}"#),
        (["--checksum", "incorrect"], #"{"checksum":"incorrect"}"#),
        (["--checksum", "0x1f"], #"{"checksum":31}"#),
        (["--payload", "Hello \"x\""], #"{"payload":"Hello \"x\""}"#),
        (["--payload-hex", "00ff"], #"{"payload":{"hex":"00ff"}}"#),
        (["--payload-length", "9"], #"{"payload":{"length":9,"random":1}}"#),
        (
            ["--option", "maximumSegmentSize=1460", "--option", "sackPermitted", "--option", "254=f00d"],
            #"{"options":[{"kind":"maximumSegmentSize","value":1460},{"kind":"sackPermitted"},{"kind":254,"data":"f00d"}]}"#
        ),
        (["--option", "timestamps=1:0"], #"{"options":[{"kind":"timestamps","value":1,"echoReply":0}]}"#),
        (["--ttl", "1", "--source", "10.0.0.1"], #"{"ip":{"timeToLive":1,"source":"10.0.0.1"}}"#),
        (["--ttl", "1", "--set", "ip.dscp=8", "--set", "ip.ttl=x"], #"{"ip":{"timeToLive":1,"dscp":8,"ttl":"x"}}"#),
        (["--repeat", "5", "--rate", "100/s"], #"{"repeat":{"count":5,"rate":"100/s"}}"#),
        (["--repeat", "5", "--interval", "10ms"], #"{"repeat":{"count":5,"interval":"10ms"}}"#),
        (["--set", "vary=[{\"field\":\"window\"}]"], #"{"vary":[{"field":"window"}]}"#),
    ])
    func becomesTheBodyOfARequest(arguments: [String], body: String) throws {
        #expect(try segment(arguments) == body)
    }

    @Test(arguments: [
        (["--window", "65536"], "--window", "0…65535"), (["--window=-1"], "--window", "-1"),
        (["--flags", "SYN,ECN"], "--flags", "CWR, ECE"), (["--checksum", "wrong"], "--checksum", "'incorrect'"),
        (["--option", "mss=1"], "--option", "maximumSegmentSize=N"), (["--option", "254=f"], "--option", "hex"),
        (["--ttl", "256"], "--ttl", "0…255"), (["--set", "window"], "--set", "FIELD=VALUE"),
        (["--payload", "x", "--payload-hex", "00"], "--payload-hex", "exclude"),
        (["--interval", "1s"], "--interval", "--repeat"), (["--repeat", "0"], "--repeat", "1…"),
        (["--repeat", "2", "--interval", "fast"], "--interval", "250ms"),
    ])
    func namesTheOptionThatIsWrong(arguments: [String], option: String, allowed: String) {
        do {
            _ = try SegmentOptions.parse(arguments)
            Issue.record("taken: \(arguments)")
        } catch {
            let message = SegmentOptions.message(for: error)
            #expect(message.contains(option) && message.contains(allowed), "\(message)")
        }
    }
}

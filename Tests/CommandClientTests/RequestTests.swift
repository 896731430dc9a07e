import JSONText
import Testing

@testable import CommandClient

@Suite struct RequestTests {
    @Test func encodesWhatIsNotUnreserved() {
        var request = ClientRequest("GET", "endpoints", "a/b ?é")
        request.ask("filter", "tcp[13] & 4 != 0")
        request.ask("after", nil as Int?)
        request.ask("limit", 3)
        #expect(request.target == "/endpoints/a%2Fb%20%3F%C3%A9?filter=tcp%5B13%5D%20%26%204%20%21%3D%200&limit=3")
    }

    @Test(arguments: [("250ms", 250), ("2s", 2_000), ("1.5s", 1_500), ("1m", 60_000), ("1h", 3_600_000), ("1us", 1)])
    func readsDurations(text: String, milliseconds: Int) throws {
        #expect(try WaitTime.parse(text).milliseconds == milliseconds)
    }

    @Test(arguments: ["", "1", "s", "-1s", "1 s", "1e3s", ".s", "1.s", "2h", "99999999999999999999s", "٣s"])
    func refusesWhatIsNoDuration(text: String) {
        #expect(throws: (any Error).self) { try WaitTime.parse(text) }
    }

    @Test func setsMembersOfMembers() throws {
        guard case .object(var object) = try JSONParser.parse([UInt8](#"{"a":{"b":1},"c":2}"#.utf8)) else { return }
        object.set(["a", "d"], .bool(true))
        object.set(["c", "e"], .null)
        object.set("a2", nil)
        #expect(
            String(decoding: JSONValue.object(object).octets, as: UTF8.self)
                == #"{"a":{"b":1,"d":true},"c":{"e":null}}"#)
    }
}

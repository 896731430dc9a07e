import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SegmentMatchTests {
    private func holds(_ match: SegmentMatch, _ flags: TCPFlags, _ payload: [UInt8]) -> Bool {
        match.holds(flags: flags, payload: payload.span)
    }

    @Test func holdsForEverythingWhenItAsksForNothing() {
        for bits in UInt8.min...UInt8.max {
            #expect(holds(SegmentMatch(), TCPFlags(rawValue: bits), []))
        }
    }

    @Test func wantsAllOfSomeFlagsAndNoneOfOthers() {
        for bits in UInt8.min...UInt8.max {
            var match = SegmentMatch()
            match.flags = [.syn, .ack]
            match.withoutFlags = [.rst, .fin]
            #expect(
                holds(match, TCPFlags(rawValue: bits), []) == (bits & 0b0001_0010 == 0b0001_0010 && bits & 0b101 == 0))
        }
    }

    @Test(arguments: [
        ("", "", true), ("", "a", true), ("a", "", false), ("Hello", "Hello", true), ("Hello", "Hello server", true),
        ("server", "Hello server", true), ("lo s", "Hello server", true), ("aab", "aaab", true),
        ("abab", "abaab", false),
        ("Hello!", "Hello", false), ("\0", "a\0b", true), ("hello", "Hello", false),
    ])
    func findsOctetsAnywhereInThePayload(pattern: String, payload: String, expected: Bool) {
        var match = SegmentMatch()
        match.payloadContains = [UInt8](pattern.utf8)
        #expect(holds(match, [], [UInt8](payload.utf8)) == expected)
    }
}

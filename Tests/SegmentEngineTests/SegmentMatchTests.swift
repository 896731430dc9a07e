import CaptureFilter
import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SegmentMatchTests {
    private func holds(_ match: SegmentMatch, _ flags: TCPFlags, _ payload: [UInt8]) -> Bool {
        let datagram: [UInt8] = []
        return match.holds(flags: flags, payload: payload.span, datagram: datagram.span)
    }

    @Test func holdsForEverythingWhenItAsksForNothing() {
        for bits in UInt8.min...UInt8.max {
            #expect(holds(SegmentMatch(), TCPFlags(rawValue: bits), []))
        }
    }

    @Test func asksTheFilterOfTheWholeDatagram() throws {
        var match = SegmentMatch()
        match.filter = try CaptureFilter("ip[8] = 64")
        let header: [UInt8] = [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        for timeToLive in [63, 64] as [UInt8] {
            var datagram = header
            datagram[8] = timeToLive
            let holds = match.holds(flags: [], payload: header.span, datagram: datagram.span)
            #expect(holds == (timeToLive == 64))
        }
        match.flags = .syn
        let holds = match.holds(flags: [], payload: header.span, datagram: header.span)
        #expect(!holds)
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
        (0...0, [0]), (1...Int.max, [1, 2, 3]), (1...2, [1, 2]), (SegmentMatch.anyLength, [0, 1, 2, 3]),
    ])
    func asksForALengthOfThePayload(lengths: ClosedRange<Int>, expected: [Int]) {
        var match = SegmentMatch()
        match.payloadLength = lengths
        #expect((0...3).filter { holds(match, [], Array(repeating: 0, count: $0)) } == expected)
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

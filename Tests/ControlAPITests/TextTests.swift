import Foundation
import Testing

@testable import ControlAPI

/// Against Foundation, which says the same in more code.
@Suite struct TextTests {
    @Test(arguments: 0...70)
    func base64IsFoundations(count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        for _ in 0..<20 {
            let octets = generator.octets(count: count)
            let text = Base64.text(octets.span)
            #expect(text == Data(octets).base64EncodedString())
            #expect(Base64.octets(in: text) == octets)
        }
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AA=", "A===", "====", "AAAA=", "AA==AAAA", "AA=A", "AAA\n", " AAAA", "AA-_", "AAA\u{e9}",
        "AB==",
        "AAB=", "AAAAA",
    ])
    func refusesWhatIsNotBase64(text: String) {
        #expect(Base64.octets(in: text) == nil)
    }

    @Test(arguments: UInt64(0)..<50)
    func hexadecimalIsTwoDigitsForEachOctet(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let octets = generator.octets(count: Int(seed))
        let text = Hexadecimal.text(octets.span)
        #expect(text == octets.map { String(format: "%02x", $0) }.joined())
        #expect(Hexadecimal.octets(in: text) == octets)
        #expect(Hexadecimal.octets(in: text.uppercased()) == octets)
        #expect(Hexadecimal.octets(in: text.map { "\($0) " }.joined()) == octets)
    }

    @Test(arguments: ["0", "0g", "00 0", "0x00", "é", "00\n", "-1"])
    func refusesWhatIsNotHexadecimal(text: String) {
        #expect(Hexadecimal.octets(in: text) == nil)
    }

    @Test(arguments: UInt64(0)..<200)
    func timestampsAreFoundations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let bounds = [Int64.min...Int64.max, -1_000_000_000...1_000_000_000, 0...4_000_000_000_000_000_000]
        let nanoseconds = Int64.random(in: generator.one(of: bounds), using: &generator)
        let text = Timestamp.text(nanoseconds)
        let seconds = (Double(nanoseconds) / 1e9).rounded(.down)
        // Whole seconds exactly, by integers, because a double has too few digits.
        let whole = nanoseconds >= 0 ? nanoseconds / 1_000_000_000 : -((-(nanoseconds + 1)) / 1_000_000_000) - 1
        #expect(abs(Double(whole) - seconds) <= 1)
        let style = Date.ISO8601FormatStyle()
        let expected = Date(timeIntervalSince1970: Double(whole)).formatted(style).dropLast()
        let fraction = nanoseconds - whole &* 1_000_000_000
        #expect(text == "\(expected).\(String(format: "%09lld", fraction))Z")
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000000Z"), (-1, "1969-12-31T23:59:59.999999999Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
            (1_795_365_901_123_456_789, "2026-11-22T16:45:01.123456789Z"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999999Z"),
            (4_107_542_400_000_000_000, "2100-03-01T00:00:00.000000000Z"),
        ] as [(Int64, String)])
    func timestampsKnowLeapDays(nanoseconds: Int64, expected: String) {
        #expect(Timestamp.text(nanoseconds) == expected)
    }

    @Test(
        arguments: [
            ("0s", 0), ("1ns", 1), ("250us", 250_000), ("250ms", 250_000_000), ("2s", 2_000_000_000),
            ("1.5s", 1_500_000_000), ("0.000000001s", 1), ("3m", 180_000_000_000), ("1h", 3_600_000_000_000),
            ("2.5m", 150_000_000_000), ("18446744073709551615ns", .max),
        ] as [(String, UInt64)])
    func durationsAreANumberAndAUnit(text: String, expected: UInt64) {
        #expect(Duration.nanoseconds(in: text) == expected)
    }

    @Test(
        arguments: [
            (0, "0s"), (1, "1ns"), (999, "999ns"), (1_000, "1us"), (1_049, "1.05us"), (9_994, "9.99us"),
            (9_996, "10us"), (39_259, "39.3us"), (99_960, "100us"), (1_502_400, "1.5ms"), (250_400_000, "250ms"),
            (61_000_000_000, "61s"), (.max, "18446744074s"),
        ] as [(UInt64, String)])
    func measuredDurationsAreRounded(nanoseconds: UInt64, expected: String) {
        #expect(Duration.about(nanoseconds: nanoseconds) == expected)
    }

    @Test(arguments: [
        "", "s", "1", "1 s", "-1s", "+1s", ".5s", "1.s", "1..5s", "1.2.3s", "1d", "1S", "1e3s",
        "18446744073709551616ns",
        "18446744074s", "\u{0661}s", "1s ", "0x1s", "1µs",
    ])
    func refusesWhatIsNoDuration(text: String) {
        #expect(Duration.nanoseconds(in: text) == nil)
    }

    @Test(arguments: UInt64(0)..<100)
    func durationsAreReadAsTheyAreWritten(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let factor = generator.one(of: [1, 1000, 1_000_000, 1_000_000_000] as [UInt64])
        let nanoseconds = UInt64.random(in: 0...10_000_000_000, using: &generator) * factor
        #expect(Duration.nanoseconds(in: Duration.text(nanoseconds: nanoseconds)) == nanoseconds)
    }

    @Test(
        arguments: [
            ("adress", "address"), ("PORT", "port"), ("ports", "port"), ("prot", "port"), ("potr", "port"),
            ("rpot", nil), ("x", nil), ("", nil),
            ("payloads", "payload"), (String(repeating: "p", count: 65), nil), ("addresss", "address"),
        ] as [(String, String?)])
    func theNearestNameIsFewChangesAway(name: String, expected: String?) {
        #expect(NearestName.of(name, among: ["address", "port", "payload"]) == expected)
    }

    @Test(
        arguments: [
            ([], ""), (Array("Hello".utf8), "Hello"), (Array("ü\t\r\n".utf8), "ü\t\r\n"), ([0], nil), ([0x1b], nil),
            ([0xff], nil), ([0xc3], nil), ([0xed, 0xa0, 0x80], nil), (Array("\u{7f}".utf8), nil),
            (Array("\u{202e}".utf8), nil), (Array("\u{feff}".utf8), nil),
        ] as [([UInt8], String?)])
    func printableTextIsWhatAPersonCanRead(octets: [UInt8], expected: String?) {
        #expect(PrintableText.of(octets) == expected)
    }
}

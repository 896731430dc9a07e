import CaptureFilter
import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SegmentExpectationTests {
    /// A datagram whose header lengths are right, so that each field is where it should be.
    private func datagram(using generator: inout SeededGenerator) throws -> [UInt8] {
        var template = SegmentTemplate.random(using: &generator)
        template.dataOffset = nil
        template.truncatedLength = nil
        let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        return try template.datagram(for: occasion).encoded()
    }

    @Test(arguments: UInt64(0)..<200)
    func holdsForTheSegmentItWasMadeOf(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let datagram = try datagram(using: &generator)
        let expectation = try SegmentExpectation.all(of: datagram)
        #expect(expectation.numbers.count == ExpectedField.allCases.count)
        let holds = expectation.holds(for: datagram.span)
        let differences = expectation.differences(from: datagram.span)
        #expect(holds)
        #expect(differences == [])
    }

    @Test(arguments: UInt64(0)..<100)
    func eachFieldThatIsOtherwiseIsExactlyOneDifference(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let datagram = try datagram(using: &generator)
        let whole = try SegmentExpectation.all(of: datagram)
        for index in whole.numbers.indices {
            let field = whole.numbers[index].field
            let value = try #require(whole.numbers[index].pattern.exactValue)
            let patterns = NumberPattern.random(for: value, of: field, using: &generator)
            var expectation = whole
            expectation.numbers[index].pattern = patterns.right
            let holds = expectation.holds(for: datagram.span)
            #expect(holds, "\(field) \(patterns.right) \(value)")
            expectation.numbers[index].pattern = patterns.wrong
            let fails = expectation.holds(for: datagram.span)
            let differences = expectation.differences(from: datagram.span)
            #expect(!fails)
            #expect(
                differences == [
                    Difference(
                        field.rawValue, .pattern(patterns.wrong, of: field), .pattern(.exactly(value), of: field))
                ])
        }
    }

    @Test(arguments: 0..<8)
    func eachFlagThatIsOtherwiseIsExactlyOneDifference(bit: Int) throws {
        let flag = TCPFlags(rawValue: 1 << UInt8(bit))
        for isSet in [true, false] {
            var template = SegmentTemplate()
            template.flags = isSet ? flag : TCPFlags(rawValue: ~flag.rawValue)
            let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
            let datagram = try template.datagram(for: occasion).encoded()
            var expectation = try SegmentExpectation.all(of: datagram)
            if isSet { expectation.withoutFlags = flag } else { expectation.flags = flag }
            let holds = expectation.holds(for: datagram.span)
            let differences = expectation.differences(from: datagram.span)
            #expect(!holds)
            #expect(
                differences == [
                    Difference(isSet ? "withoutFlags" : "flags", .flags(flag), .flags(template.flags))
                ])
        }
    }

    /// Whatever arrives, both ways to ask agree, and nothing is read beyond the end.
    @Test(arguments: UInt64(0)..<40)
    func anyOctetsHoldOrDiffer(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let template = SegmentTemplate.random(using: &generator)
        let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        let datagram = try template.datagram(for: occasion).encoded()
        var whole = try SegmentExpectation.all(of: try self.datagram(using: &generator))
        whole.checksum = .correct
        for end in 0...datagram.count {
            var octets = Array(datagram[..<end])
            if !octets.isEmpty, Bool.random(using: &generator) {
                octets[Int.random(in: octets.indices, using: &generator)] ^= 0xff
            }
            for expectation in [whole, SegmentExpectation()] {
                let holds = expectation.holds(for: octets.span)
                let differences = expectation.differences(from: octets.span)
                #expect(holds == differences.isEmpty)
            }
        }
    }

    @Test(
        arguments: [
            (.range(from: 4_294_967_290, to: 5), 4_294_967_295, true), (.range(from: 4_294_967_290, to: 5), 5, true),
            (.range(from: 4_294_967_290, to: 5), 6, false), (.range(from: 4_294_967_290, to: 5), 4_294_967_289, false),
            (.anyOf([]), 0, false), (.bits(mask: 0, value: 0), 7, true),
            (.received(StepNumber(step: 0, number: .end, plus: 0)), 0, false),
        ] as [(NumberPattern, UInt64, Bool)])
    func patternsHoldAtTheirEdges(pattern: NumberPattern, value: UInt64, holds: Bool) {
        #expect(pattern.holds(for: value) == holds)
    }

    @Test func referencesBecomeNumbersWhereverTheyStand() {
        let reference = StepNumber(step: 3, number: .end, plus: 2)
        var expectation = SegmentExpectation()
        expectation.numbers = [
            .init(.sequenceNumber, .received(reference)),
            .init(.acknowledgmentNumber, .anyOf([.exactly(1), .received(reference)])),
            .init(.window, .exactly(9)),
        ]
        let resolved = expectation.resolved { UInt32($0.step) * 100 + $0.plus }
        #expect(
            resolved.numbers.map(\.pattern) == [.exactly(302), .anyOf([.exactly(1), .exactly(302)]), .exactly(9)])
    }

    @Test func aFilterSeesTheWholeDatagram() throws {
        var template = SegmentTemplate()
        template.window = 77
        let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        let datagram = try template.datagram(for: occasion).encoded()
        var expectation = SegmentExpectation()
        for (text, isRight) in [("tcp[14:2] = 77", true), ("src port 2", false)] {
            expectation.filter = try CaptureFilter(text)
            let holds = expectation.holds(for: datagram.span)
            let differences = expectation.differences(from: datagram.span).map(\.field)
            #expect(holds == isRight)
            #expect(differences == (isRight ? [] : ["filter"]))
        }
    }
}

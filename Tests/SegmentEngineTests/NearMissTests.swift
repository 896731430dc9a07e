import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct NearMissTests {
    private func segment(
        _ number: UInt64, _ direction: RunSegment.Direction = .received,
        change: (inout SegmentTemplate) -> Void = { _ in }
    ) throws -> RunSegment {
        var template = SegmentTemplate()
        template.flags = [.syn, .ack]
        template.sequenceNumber = .value(7000)
        template.acknowledgmentNumber = .value(101)
        change(&template)
        let occasion = PreparedSegment.Occasion(source: .loopback(1), destination: .loopback(2))
        return RunSegment(
            number: number, endpoint: "e", direction: direction, timestampNanoseconds: 0,
            octets: try template.datagram(for: occasion).encoded())
    }

    private var answer: SegmentExpectation {
        var expectation = SegmentExpectation()
        expectation.flags = [.syn, .ack]
        expectation.numbers = [.init(.acknowledgmentNumber, .exactly(101))]
        return expectation
    }

    private func miss(_ segment: RunSegment) -> NearMiss {
        NearMiss(segment: segment, differences: answer.differences(from: segment.octets.span))
    }

    @Test func theNearestComesFirstAndOfEqualOnesTheLatest() throws {
        let misses = [
            miss(try segment(1) { $0.acknowledgmentNumber = .value(100) }),
            miss(try segment(2) { $0.flags = [.rst, .ack] }),
            miss(try segment(3) { $0.acknowledgmentNumber = .value(100) }),
            miss(try segment(4) { $0.acknowledgmentNumber = .value(4_000_000) }),
            miss(try segment(5) { $0.acknowledgmentNumber = .value(90) }),
        ]
        #expect(NearMiss.nearest(of: misses).map(\.segment.number) == [3, 1, 5])
        #expect(NearMiss.nearest(of: Array(misses.prefix(2))).map(\.segment.number) == [1, 2])
        #expect(NearMiss.nearest(of: []).isEmpty)
    }

    @Test func theKernelsFirstResetIsAlwaysAmongThem() throws {
        let near = try (UInt64(1)...4).map { number in
            miss(try segment(number) { $0.acknowledgmentNumber = .value(100) })
        }
        let resets = try (UInt64(8)...9).map { miss(try segment($0, .kernel) { $0.flags = .rst }) }
        #expect(NearMiss.nearest(of: near + resets).map(\.segment.number) == [8, 4, 3])
    }

    @Test(
        arguments: [
            (
                100, DifferenceHint.InitialNumbers(own: 100, peer: nil),
                "acknowledgment number is one too small: it is the initial sequence number, and a SYN counts one"
            ),
            (
                100, DifferenceHint.InitialNumbers(),
                "acknowledgment number is one too small: a SYN and a FIN count one each"
            ),
            (
                90, DifferenceHint.InitialNumbers(own: 90),
                "acknowledgment number is the initial sequence number, and a SYN counts one"
            ),
            (
                102, DifferenceHint.InitialNumbers(),
                "acknowledgment number is one too large: only a SYN and a FIN count one"
            ),
            (
                99, DifferenceHint.InitialNumbers(),
                "acknowledgment number is 2 too small: 2 octets are not acknowledged"
            ),
            (
                4_294_967_295, DifferenceHint.InitialNumbers(),
                "acknowledgment number is 102 too small: 102 octets are not acknowledged"
            ),
            (
                151, DifferenceHint.InitialNumbers(),
                "acknowledgment number is 50 too large: acknowledges 50 octets more"
            ),
        ] as [(UInt32, DifferenceHint.InitialNumbers, String)])
    func acknowledgmentNumbersAreExplained(
        actual: UInt32, initial: DifferenceHint.InitialNumbers, hint: String
    ) throws {
        let segment = try segment(1) { $0.acknowledgmentNumber = .value(actual) }
        let explained = DifferenceHint.explain(miss(segment).differences, in: segment, initial)
        #expect(explained.map(\.hint) == [hint])
    }

    @Test func anAcknowledgmentNumberWithoutItsFlagSaysNothing() throws {
        let segment = try segment(1) {
            $0.flags = .syn
            $0.acknowledgmentNumber = .value(0)
        }
        let explained = DifferenceHint.explain(miss(segment).differences, in: segment, .init())
        #expect(
            explained.map(\.hint) == [
                "ACK is not set", "ACK is not set, so the acknowledgment number says nothing",
            ])
    }

    @Test func whatIsCutOffIsNotThere() throws {
        var segment = try segment(1)
        segment.octets.removeLast(8)
        var expectation = answer
        expectation.numbers = [.init(.window, .exactly(1))]
        expectation.flags = []
        let differences = expectation.differences(from: segment.octets.span)
        let explained = DifferenceHint.explain(differences, in: segment, .init())
        #expect(explained.map(\.actual) == [nil])
        #expect(explained.map(\.hint) == ["the segment ends before it"])
    }
}

import TCPWire
import Testing

@testable import SegmentEngine

@Suite struct SegmentPreviewTests {
    private let policy = SendPolicy(allowedDestinations: IPv4Prefix("127.0.0.0/8").map { [$0] } ?? [])
    private let server = EndpointDefinition(preset: .server)

    private var occasion: PreparedSegment.Occasion {
        .init(source: .loopback(50_000), destination: .loopback(50_001))
    }

    @Test(arguments: UInt64(0)..<100)
    func showsTheFirstDatagramOfEachStep(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let steps = (0..<3).map { _ in
            var step = TransmissionPlan.Step(.random(using: &generator))
            step.template.ip.source = nil
            step.template.ip.destination = nil
            step.template.ip.identification = 5
            step.template.ip.options = []
            step.template.truncatedLength = nil
            step.count = .random(in: 1...9, using: &generator)
            step.variations = [Variation(.window, .values([7, 8])), Variation(.sequenceNumber, .increment(1))]
            return step
        }
        let expected = try steps.map { step in
            var datagram = step.template.datagram(for: occasion)
            datagram.segment.window = 7
            return try datagram.encoded()
        }
        let datagrams = try SegmentPreview.datagrams(of: .init(steps: steps), from: server, under: policy)
        #expect(datagrams == expected)
    }

    @Test func saysWhichStepWouldBeRefusedAndWhy() {
        let good = TransmissionPlan.Step(SegmentTemplate())
        var long = good
        long.template.payload = [UInt8](repeating: 0, count: 65_496)
        #expect(throws: EngineError.Located(.segmentImpossible(.segmentTooLong(65_516)), index: 2)) {
            try SegmentPreview.datagrams(of: .init(steps: [good, good, long]), from: server, under: policy)
        }
        var spoofed = good
        spoofed.variations = [Variation(.source, .range(5...6))]
        let own = server.local.address
        #expect(
            throws: EngineError.Located(.sourceNotAllowed(IPv4Address(rawValue: 5), own: own), index: 1, variation: 0)
        ) {
            try SegmentPreview.datagrams(of: .init(steps: [good, spoofed, long]), from: server, under: policy)
        }
        var anybody = server
        anybody.remote = nil
        #expect(throws: EngineError.Located(.destinationMissing)) {
            try SegmentPreview.datagrams(of: .init(steps: [good]), from: anybody, under: policy)
        }
    }

    @Test func aPlanCountsItsSegments() {
        var step = TransmissionPlan.Step(SegmentTemplate())
        #expect(TransmissionPlan(steps: []).segmentCount == 0)
        #expect(TransmissionPlan(steps: [step, step]).segmentCount == 2)
        step.count = .max - 1
        #expect(TransmissionPlan(steps: [step]).segmentCount == UInt64.max - 1)
        let one = TransmissionPlan.Step(SegmentTemplate())
        #expect(TransmissionPlan(steps: [step, one]).segmentCount == UInt64.max)
        #expect(TransmissionPlan(steps: [step, one, one]).segmentCount == nil)
    }
}

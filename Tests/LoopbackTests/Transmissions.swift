import LinuxSystem
import SegmentEngine
import TCPWire

extension Bench {
    /// Begins to send from an endpoint, without waiting for the end.
    func begin(_ plan: TransmissionPlan, from id: String) async throws(EngineError) -> TransmissionRecord {
        try await ask { .send(plan, from: id, waitNanoseconds: nil, $0) }
    }

    @discardableResult
    func cancel(_ transmission: TransmissionRecord) async throws(EngineError) -> TransmissionRecord {
        try await ask { .cancel(transmission: transmission.number, $0) }
    }

    /// A transmission as readers see it now.
    func now(_ transmission: TransmissionRecord) -> TransmissionRecord {
        handle.transmissions.transmission(transmission.number) ?? transmission
    }

    /// The sequence numbers of what an endpoint captured, in order.
    func sequenceNumbers(_ endpoint: EndpointRecord, _ direction: CaptureQuery.Direction = .received) -> [UInt32] {
        datagrams(endpoint, direction).map { octets in octets.span.bigEndianUInt32(at: 24) }
    }
}

extension TransmissionPlan {
    /// More segments than can be sent while a test runs.
    static let endless: UInt64 = 1_000_000_000_000

    /// One segment so many times, numbered from `first` on.
    static func numbered(
        _ count: UInt64, from first: UInt32 = 0, pacing: Pacing = .none, recorded: UInt64 = 0,
        change: (inout SegmentTemplate) -> Void = { _ in }
    ) -> TransmissionPlan {
        var template = SegmentTemplate()
        template.sequenceNumber = .value(first)
        // To a port that nobody plays, which the kernel answers for unless it is a reset.
        template.flags = .rst
        change(&template)
        var step = Step(template)
        step.count = count
        step.pacing = pacing
        step.recorded = recorded
        step.variations = [Variation(.sequenceNumber, .increment(1))]
        return TransmissionPlan(steps: [step])
    }
}

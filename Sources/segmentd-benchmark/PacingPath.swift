import LinuxSystem
import SegmentEngine

/// How exactly asked rates are met.
struct PacingPath {
    private static let rates: [UInt64] = [10, 100, 1000, 10_000, 100_000]

    let scale: Scale

    func measure() throws(BenchmarkError) -> [Row] {
        let guarded = try Scenery.silence(Scenery.receiverPort)
        let engine = try EngineUnderTest()
        do throws(BenchmarkError) {
            try engine.create([
                Scenery.endpoint(
                    "sender", local: Scenery.loopback(Scenery.senderPort),
                    remote: Scenery.loopback(Scenery.receiverPort))
            ])
            var rows: [Row] = []
            for (position, rate) in Self.rates.enumerated() {
                Progress.step(position, of: Self.rates.count)
                rows.append(try measure(engine, rate))
            }
            engine.end()
            _ = guarded.port
            return rows
        } catch {
            engine.end()
            throw error
        }
    }

    private func measure(_ engine: borrowing EngineUnderTest, _ rate: UInt64) throws(BenchmarkError) -> Row {
        var step = TransmissionPlan.Step(Scenery.segment)
        // One more than there are intervals.
        step.count = rate * (scale.isQuick ? 1 : 2) + 1
        step.pacing = .rate(perSecond: rate)
        let record = try engine.send(TransmissionPlan(steps: [step]), from: "sender")
        guard let start = record.startedAt, let end = record.endedAt, end > start, record.sent == step.count else {
            throw .unexpected("\(record.sent) of \(step.count) paced segments were sent")
        }
        let achieved = Double(step.count - 1) * 1e9 / Double(end - start)
        return Row(
            "pacing, \(Table.grouped(Int(rate)))/s: off by", unit: "%",
            ours: (achieved / Double(rate) - 1).magnitude * 100, target: .atMost(0.1))
    }
}

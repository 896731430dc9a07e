import CFloor
import LinuxSystem
import SegmentEngine

/// Draining a full receive buffer: first all segments are sent, then they are read.
struct ReceivingPaths {
    private static let bufferOctets: CInt = 8 << 20
    private static let drains = 3
    /// Rounds differ by what lies where in memory, so it takes more of them than elsewhere to tell one hundredth.
    private static let roundsFactor = 3

    let scale: Scale

    /// How many segments wait before they are read; as many fit into the buffer.
    static let queued: UInt64 = 16_000

    func measure() throws(BenchmarkError) -> [Row] {
        let engine = try EngineUnderTest()
        guard let receiver = unsafe cfloor_receiver_create() else { throw .system("memory to receive into", .last) }
        defer { unsafe cfloor_receiver_destroy(receiver) }
        do throws(BenchmarkError) {
            let bare = try unsafe compare(engine, with: receiver, isStamped: false)
            let stamped = try unsafe compare(engine, with: receiver, isStamped: true)
            engine.end()
            return [
                Row("receive, full buffer", unit: "ns/segment", bare, target: .atMost(1.15)),
                Row("receive, floor with timestamps too", unit: "ns/segment", stamped),
            ]
        } catch {
            engine.end()
            throw error
        }
    }

    @unsafe
    private func compare(
        _ engine: borrowing EngineUnderTest, with receiver: OpaquePointer, isStamped: Bool
    ) throws(BenchmarkError) -> Comparison {
        let definition = Scenery.endpoint("receiver", local: Scenery.loopback(Scenery.receiverPort))
        return try Comparison(rounds: Self.roundsFactor * scale.rounds) { () throws(BenchmarkError) in
            try unsafe Self.floor(receiver, isStamped: isStamped)
        } ours: { () throws(BenchmarkError) in
            try engine.create([definition])
            let cost = try Self.ours(engine, along: [Scenery.loopbackPath])
            try engine.remove("receiver")
            return cost
        }
    }

    /// What an engine takes of a processor for a segment, when segments along these paths wait in turns.
    static func ours(
        _ engine: borrowing EngineUnderTest, along paths: [cfloor_path]
    ) throws(BenchmarkError) -> Double {
        var time: Int64 = 0
        for _ in 0..<drains {
            let before = engine.handle.totals.segmentsReceived
            let start = try engine.holding { () throws(BenchmarkError) in try send(along: paths) }
            try engine.wait(untilReceived: before + queued)
            time += try engine.processorTime() - start
        }
        return Double(time) / Double(UInt64(drains) * queued)
    }

    @unsafe
    private static func floor(_ receiver: OpaquePointer, isStamped: Bool) throws(BenchmarkError) -> Double {
        guard unsafe cfloor_receiver_open(receiver, Scenery.receiverPort, bufferOctets, isStamped ? 1 : 0) == 0 else {
            throw .system("a raw socket", .last)
        }
        defer { unsafe cfloor_receiver_close(receiver) }
        let guarded = try Scenery.silence(Scenery.receiverPort)
        defer { _ = guarded.port }
        var total = 0.0
        for _ in 0..<drains {
            try send(along: [Scenery.loopbackPath])
            var count: UInt64 = 0
            total += try Core.measuring { () throws(BenchmarkError) in
                try Scenery.checked(unsafe cfloor_receiver_drain(receiver, &count), "the floor's receiving")
            }
            guard count == queued else { throw .unexpected("the floor received \(count) of \(queued) segments") }
        }
        return total / Double(UInt64(drains) * queued)
    }

    private static func send(along paths: [cfloor_path]) throws(BenchmarkError) {
        _ = try Scenery.checked(
            unsafe cfloor_send_along(paths, paths.count, queued), "sending what is to be received")
    }
}

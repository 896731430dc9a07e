import CFloor
import LinuxSystem
import SegmentEngine

/// Two endpoints of one engine that answer each other at once, beside one thread in C that plays both.
struct PairPath {
    private static let roundTrips: UInt64 = 10_000

    let scale: Scale

    func measure() throws(BenchmarkError) -> [Row] {
        let engine = try EngineUnderTest()
        do throws(BenchmarkError) {
            let comparison = try Comparison(rounds: scale.rounds) { () throws(BenchmarkError) in
                try Self.floor()
            } ours: { () throws(BenchmarkError) in
                try Self.ours(engine)
            }
            engine.end()
            return [Row("pair in one engine", unit: "round trips/s", comparison, target: .atLeast(0.9))]
        } catch {
            engine.end()
            throw error
        }
    }

    private static func floor() throws(BenchmarkError) -> Double {
        let near = try Scenery.silence(Scenery.senderPort)
        let far = try Scenery.silence(Scenery.receiverPort)
        defer { _ = (near.port, far.port) }
        return try Core.measuring { () throws(BenchmarkError) in
            var path = Scenery.loopbackPath
            let taken = unsafe cfloor_ping_pong(&path, roundTrips)
            return Double(roundTrips) * 1e9 / (try Scenery.checked(taken, "the floor's ping-pong"))
        }
    }

    private static func ours(_ engine: borrowing EngineUnderTest) throws(BenchmarkError) -> Double {
        let client = try engine.create([end("server", isClient: false), end("client", isClient: true)])[1]
        Pause.milliseconds(5)
        let (before, start) = (client.counters.segmentsReceived, try engine.time())
        Pause.milliseconds(100)
        let (after, end) = (client.counters.segmentsReceived, try engine.time())
        try engine.removeAll()
        guard after > before else { throw .unexpected("the pair does not talk") }
        return Double(after - before) * 1e9 / Double(end - start)
    }

    private static func end(_ id: String, isClient: Bool) -> EndpointDefinition {
        var definition = EndpointDefinition(preset: isClient ? .client : .server)
        definition.id = id
        let (near, far) = (Scenery.loopback(Scenery.senderPort), Scenery.loopback(Scenery.receiverPort))
        (definition.local, definition.remote) = isClient ? (near, far) : (far, near)
        definition.opening = isClient ? [Scenery.segment] : []
        definition.rules = [
            Rule(name: nil, match: SegmentMatch(), reply: [Scenery.segment], paceNanoseconds: 0, limit: nil)
        ]
        return definition
    }
}

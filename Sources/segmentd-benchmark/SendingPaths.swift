import CFloor
import LinuxSystem
import SegmentEngine
import TCPWire

/// Sending as fast as the kernel takes it, on loopback and between two network namespaces.
struct SendingPaths {
    /// Rounds differ by what lies where in memory, so that many short ones tell one hundredth better than a few.
    private static let roundsFactor = 3

    let scale: Scale

    func onLoopback(isVaried: Bool) throws(BenchmarkError) -> [Row] {
        // Nobody receives: the port is held by a listener that drops everything.
        let guarded = try Scenery.silence(Scenery.receiverPort)
        let comparison = try compare(
            along: Scenery.loopbackPath, isVaried: isVaried, allowing: "127.0.0.0/8")
        _ = guarded.port
        return [row(comparison, "lo", isVaried)]
    }

    func onVirtualEthernet(isVaried: Bool) throws(BenchmarkError) -> [Row] {
        let neighbour = try Neighbour()
        let path = cfloor_path(
            source: Neighbour.ourAddress.rawValue, destination: Neighbour.address.rawValue,
            source_port: Scenery.senderPort, destination_port: Scenery.receiverPort)
        let comparison = try compare(along: path, isVaried: isVaried, allowing: Neighbour.prefix)
        neighbour.end()
        return [row(comparison, "veth", isVaried)]
    }

    private func row(_ comparison: Comparison, _ interface: String, _ isVaried: Bool) -> Row {
        Row(
            isVaried ? "send, two fields varied, \(interface)" : "send, \(interface)", unit: "segments/s", comparison,
            target: .atLeast(isVaried ? 0.95 : 0.97))
    }

    private func compare(
        along path: cfloor_path, isVaried: Bool, allowing prefix: String
    ) throws(BenchmarkError) -> Comparison {
        let engine = try EngineUnderTest(allowing: [prefix])
        let count = UInt64(scale.segments / Self.roundsFactor)
        let plan = Self.plan(count: count, isVaried: isVaried)
        let definition = Scenery.endpoint(
            "sender",
            local: TransportAddress(address: IPv4Address(rawValue: path.source), port: path.source_port),
            remote: TransportAddress(address: IPv4Address(rawValue: path.destination), port: path.destination_port))
        do throws(BenchmarkError) {
            let comparison = try Comparison(rounds: Self.roundsFactor * scale.rounds) { () throws(BenchmarkError) in
                try Core.measuring { () throws(BenchmarkError) in
                    var path = path
                    let taken = unsafe isVaried ? cfloor_send_varied(&path, count) : cfloor_send(&path, count)
                    return Double(count) * 1e9 / (try Scenery.checked(taken, "the floor's sending"))
                }
            } ours: { () throws(BenchmarkError) in
                // Only while it sends, so that its sockets do not slow the floor down.
                try engine.create([definition])
                let start = try engine.time()
                let record = try engine.send(plan, from: "sender")
                let end = try engine.time()
                guard record.sent == count else { throw .unexpected("\(record.sent) of \(count) segments were sent") }
                try engine.remove("sender")
                return Double(count) * 1e9 / Double(end - start)
            }
            engine.end()
            return comparison
        } catch {
            engine.end()
            throw error
        }
    }

    private static func plan(count: UInt64, isVaried: Bool) -> TransmissionPlan {
        var step = TransmissionPlan.Step(Scenery.segment)
        step.count = count
        if isVaried {
            let ports = UInt64(Scenery.senderPort)...UInt64(Scenery.senderPort) + 9_999
            step.variations = [
                Variation(.sequenceNumber, .increment(1)), Variation(.sourcePort, .range(ports)),
            ]
        }
        return TransmissionPlan(steps: [step])
    }
}

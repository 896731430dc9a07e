import JSONText
import LinuxSystem

/// The service while segments keep coming: whether it loses any, and whether it still answers.
struct LoadPaths {
    private static let request = "/counters"
    private static let endpoint = "receiver"

    let scale: Scale

    /// Many segments for a long time, while somebody reads the counters.
    func flood() throws(BenchmarkError) -> [Row] {
        let rate: UInt64 = 200_000
        let seconds: UInt32 = scale.isQuick ? 3 : 30
        let service = try serviceWithReceiver()
        defer { service.end() }
        let connection = try HTTPConnection(port: service.port)
        let request = HTTPConnection.request("GET", Self.request, port: service.port)
        // On a core of its own, as a sender on another host would be.
        Core.standAside()
        let sender = try PacedSender(along: Scenery.loopbackPath, perSecond: rate, seconds: seconds)
        Core.roam()
        var latencies: [Double] = []
        do throws(BenchmarkError) {
            try during(seconds) { () throws(BenchmarkError) in
                let start = Clock.monotonicNanoseconds
                let status = try connection.send(request).status
                latencies.append(Double(Clock.monotonicNanoseconds - start) / 1e6)
                guard status == 200 else { throw .unexpected("a request was answered by \(status)") }
                Pause.milliseconds(5)
            }
        } catch {
            _ = try sender.finish()
            throw error
        }
        let outcome = try sender.finish()
        let name = "receive \(Table.figure(Double(rate)))/s, \(seconds) s"
        return try rows(name, outcome, of: rate, service) + [
            Row("\(name): GET /counters, median", unit: "ms", ours: Statistics(latencies).median),
            Row(
                "\(name): GET /counters, p99", unit: "ms", ours: Statistics.quantile(0.99, of: latencies.sorted()),
                target: .atMost(10)),
        ]
    }

    /// Fewer segments, beside a TCP connection of the kernel's that takes all it gets.
    func besideBulk() throws(BenchmarkError) -> [Row] {
        let rate: UInt64 = 50_000
        let seconds: UInt32 = scale.isQuick ? 2 : 10
        let service = try serviceWithReceiver()
        defer { service.end() }
        let bulk = try BulkTraffic()
        let sender: PacedSender
        do throws(BenchmarkError) {
            sender = try PacedSender(along: Scenery.loopbackPath, perSecond: rate, seconds: seconds)
        } catch {
            _ = bulk.finish()
            throw error
        }
        try during(seconds) { Pause.milliseconds(100) }
        let bits = bulk.finish()
        let outcome = try sender.finish()
        let name = "receive \(Table.figure(Double(rate)))/s beside bulk TCP, \(seconds) s"
        return try rows(name, outcome, of: rate, service)
            + [Row("\(name): bulk TCP", unit: "Gbit/s", ours: bits / 1e9)]
    }

    private func serviceWithReceiver() throws(BenchmarkError) -> Server {
        Core.roam()
        let service = try Server.segmentd()
        let local = "{\"address\":\"127.0.0.1\",\"port\":\(Scenery.receiverPort)}"
        let definition =
            "{\"id\":\"\(Self.endpoint)\",\"role\":\"server\",\"local\":\(local),\"remote\":null,"
            + "\"rules\":[]}"
        do throws(BenchmarkError) {
            let connection = try HTTPConnection(port: service.port)
            let status = try connection.exchange("POST", "/endpoints", body: definition).status
            guard status == 201 else { throw .unexpected("creating an endpoint was answered by \(status)") }
            return service
        } catch {
            service.end()
            throw error
        }
    }

    /// Repeats something for a time.
    private func during(_ seconds: UInt32, _ body: () throws(BenchmarkError) -> Void) throws(BenchmarkError) {
        let start = Clock.monotonicNanoseconds
        while true {
            let passed = (Clock.monotonicNanoseconds - start) / 1_000_000_000
            guard passed < UInt64(seconds) else { return }
            Progress.step(Int(passed), of: Int(seconds))
            try body()
        }
    }

    /// What has left beside what has arrived, by the endpoint's counters.
    private func rows(
        _ name: String, _ outcome: PacedSender.Outcome, of rate: UInt64, _ service: Server
    ) throws(BenchmarkError) -> [Row] {
        let connection = try HTTPConnection(port: service.port)
        var received = 0
        var drops = 0
        // All have left by now; what still waits in the socket's buffer is read within a moment.
        for _ in 0..<100 {
            let counters = try connection.json("/endpoints/\(Self.endpoint)/counters")
            guard case .object(let members) = counters,
                case .number(let count)? = members["segmentsReceived"], let segments = count.integer,
                case .number(let lost)? = members["kernelDrops"], let dropped = lost.integer
            else { throw .unexpected("the counters do not tell what was received and dropped") }
            (received, drops) = (segments, dropped)
            if received >= Int(outcome.sent) { break }
            Pause.milliseconds(10)
        }
        return [
            Row("\(name): sent", unit: "segments/s", ours: outcome.perSecond, target: .atLeast(0.999 * Double(rate))),
            Row("\(name): lost", unit: "segments", ours: Double(Int(outcome.sent) - received), target: .atMost(0)),
            Row("\(name): kernelDrops", unit: "segments", ours: Double(drops), target: .atMost(0)),
        ]
    }
}

import LinuxSystem

/// The service as a process: how soon it is ready, and what it takes while nothing happens.
struct ProcessPaths {
    let scale: Scale

    func starting() throws(BenchmarkError) -> [Row] {
        let comparison = try Comparison(rounds: scale.rounds) { () throws(BenchmarkError) in
            try Self.readyAfter(Server.floor(octets: 200))
        } ours: { () throws(BenchmarkError) in
            try Self.readyAfter(Server.segmentd())
        }
        return [Row("ready after", unit: "ms", comparison, target: .atMost(3))]
    }

    func idling() throws(BenchmarkError) -> [Row] {
        let service = try Server.segmentd()
        defer { service.end() }
        Pause.milliseconds(500)
        let seconds = scale.isQuick ? 2 : 5
        let before = try Self.wakeUps(of: service)
        for second in 0..<seconds {
            Progress.step(second, of: seconds)
            Pause.milliseconds(1000)
        }
        let after = try Self.wakeUps(of: service)
        return [
            Row(
                "idle: resident memory", unit: "MiB", ours: try Self.residentMebibytes(of: service),
                target: .atMost(40)),
            Row("idle: wake-ups", unit: "1/s", ours: Double(after - before) / Double(seconds), target: .atMost(2)),
        ]
    }

    private static func readyAfter(_ server: Server) -> Double {
        server.end()
        return server.readyAfter / 1e6
    }

    /// How often the threads of a process have gone to sleep of their own accord.
    private static func wakeUps(of server: Server) throws(BenchmarkError) -> Int {
        let lines = try ChildProcess.run(
            "grep -rh --include=status ^voluntary_ctxt_switches /proc/\(server.process.identifier)/task")
        return lines.split(separator: "\n").reduce(0) { sum, line in sum + number(in: line) }
    }

    private static func residentMebibytes(of server: Server) throws(BenchmarkError) -> Double {
        let status = TextFile.read("/proc/\(server.process.identifier)/status") ?? ""
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else {
            throw .unexpected("the kernel does not tell the resident memory")
        }
        return Double(number(in: line)) / 1024
    }

    private static func number(in line: Substring) -> Int {
        Int(line.filter(\.isNumber)) ?? 0
    }
}

import LinuxSystem
import SegmentEngine

/// The HTTP side of the service itself, under load from wrk.
struct HTTPPaths {
    let scale: Scale

    /// Answers to `GET /counters` beside a bare libmicrohttpd that answers as many octets.
    func counters() throws(BenchmarkError) -> [Row] {
        guard ChildProcess.isInstalled("wrk") else { throw .unexpected("wrk is not installed") }
        let service = try Server.segmentd()
        defer { service.end() }
        let octets = try HTTPConnection(port: service.port).exchange("GET", "/counters").length
        let floor = try Server.floor(octets: octets)
        defer { floor.end() }
        var rows: [Row] = []
        for connections in [1, 16, 64] {
            let comparison = try Comparison(rounds: scale.rounds) { () throws(BenchmarkError) in
                try Self.wrk(connections, "http://localhost:\(floor.port)/")
            } ours: { () throws(BenchmarkError) in
                try Self.wrk(connections, "http://localhost:\(service.port)/counters")
            }
            rows.append(
                Row(
                    "GET /counters, \(connections) connections", unit: "requests/s", comparison,
                    target: .atLeast(0.9)))
        }
        return rows
    }

    /// Segments of 400 octets of JSON, posted on 16 connections.
    func posting() throws(BenchmarkError) -> [Row] {
        guard ChildProcess.isInstalled("wrk") else { throw .unexpected("wrk is not installed") }
        let service = try Server.segmentd()
        defer { service.end() }
        try Self.addSender(to: service)
        let script = try TemporaryFile(
            "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = '\(Self.segment)'\n")
        let rates = try (0..<scale.rounds).map { round throws(BenchmarkError) in
            Progress.step(round, of: scale.rounds)
            return try Self.wrk(
                16, "-s \(script.path) http://localhost:\(service.port)/endpoints/sender/segments")
        }
        return [
            Row(
                "POST segments, \(Self.segment.utf8.count) octets, 16 connections", unit: "requests/s",
                ours: Statistics(rates).median, target: .atLeast(20_000))
        ]
    }

    /// A segment that is sent before its request is answered, beside a request that does nothing.
    ///
    /// Where threads may run anywhere, a client is now woken on its server's core and now on an idle one, which changes
    /// how long the shorter request takes by a factor of three.
    func waiting() throws(BenchmarkError) -> [Row] {
        let service = try Server.segmentd(isMeasured: true)
        defer { service.end() }
        try Self.addSender(to: service)
        let connection = try HTTPConnection(port: service.port)
        let health = HTTPConnection.request("GET", "/healthz", port: service.port)
        let segment = HTTPConnection.request(
            "POST", "/endpoints/sender/segments?wait=1s", port: service.port, body: Self.segment)
        let comparison = try Comparison(rounds: scale.rounds) { () throws(BenchmarkError) in
            try Self.latency(connection, health)
        } ours: { () throws(BenchmarkError) in
            try Self.latency(connection, segment)
        }
        return [Row("POST segments?wait beside GET /healthz", unit: "µs", comparison, target: .atMost(3))]
    }

    /// 10,000 endpoints by one request, and their removal by another.
    func manyEndpoints() throws(BenchmarkError) -> [Row] {
        let service = try Server.segmentd()
        defer { service.end() }
        let connection = try HTTPConnection(port: service.port)
        connection.expectLargeAnswer()
        let number = scale.isQuick ? 1000 : 10_000
        let list = EndpointsPath.locals(number).map { local in
            "{\"local\":{\"address\":\"\(local.address)\",\"port\":\(local.port)}}"
        }
        let body = "[\(list.map { "{\"role\":\"server\"," + $0.dropFirst() }.joined(separator: ","))]"
        var (creating, deleting): ([Double], [Double]) = ([], [])
        for round in 0..<scale.rounds {
            Progress.step(round, of: scale.rounds)
            let start = Clock.monotonicNanoseconds
            let created = try connection.exchange("POST", "/endpoints", body: body).status
            let middle = Clock.monotonicNanoseconds
            let deleted = try connection.exchange("POST", "/reset").status
            let end = Clock.monotonicNanoseconds
            guard created == 201, deleted == 200 else {
                throw .unexpected("creating and deleting was answered by \(created) and \(deleted)")
            }
            creating.append(Double(middle - start) / 1e9)
            deleting.append(Double(end - middle) / 1e9)
        }
        return [
            Row(
                "create \(Table.grouped(number)) endpoints", unit: "s", ours: Statistics(creating).median,
                target: .atMost(2)),
            Row(
                "delete \(Table.grouped(number)) endpoints", unit: "s", ours: Statistics(deleting).median,
                target: .atMost(2)),
        ]
    }

    /// A segment in about 400 octets of JSON.
    private static let segment =
        "{\"flags\":[\"SYN\",\"ACK\"],\"sequenceNumber\":1000,\"acknowledgmentNumber\":2000,\"window\":512,"
        + "\"urgentPointer\":0,\"ip\":{\"timeToLive\":64,\"dscp\":0,\"ecn\":0,\"dontFragment\":true},"
        + "\"options\":[{\"kind\":\"maximumSegmentSize\",\"value\":1460},{\"kind\":\"noOperation\"}],"
        + "\"payload\":{\"text\":\"\(String(repeating: "segment ", count: 18))\"}}"

    private static func addSender(to service: Server) throws(BenchmarkError) {
        let definition = "{\"id\":\"sender\",\"role\":\"client\",\"opening\":[],\"rules\":[]}"
        let status = try HTTPConnection(port: service.port).exchange("POST", "/endpoints", body: definition).status
        guard status == 201 else { throw .unexpected("creating an endpoint was answered by \(status)") }
    }

    /// The median time of an exchange, in microseconds.
    private static func latency(_ connection: HTTPConnection, _ request: [CChar]) throws(BenchmarkError) -> Double {
        var times: [Double] = []
        for _ in 0..<200 {
            let start = Clock.monotonicNanoseconds
            let status = try connection.send(request).status
            times.append(Double(Clock.monotonicNanoseconds - start) / 1e3)
            guard status == 200 else { throw .unexpected("a request was answered by \(status)") }
        }
        return Statistics(times).median
    }

    /// Requests in a second, as wrk counts them.
    private static func wrk(_ connections: Int, _ rest: String) throws(BenchmarkError) -> Double {
        let output = try ChildProcess.run("wrk -t1 -c\(connections) -d1s \(rest)")
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("Requests/sec:") }),
            let rate = Double(line.dropFirst(13).filter { $0 != " " }), !output.contains("Non-2xx")
        else { throw .unexpected("wrk wrote: \(output)") }
        return rate
    }
}

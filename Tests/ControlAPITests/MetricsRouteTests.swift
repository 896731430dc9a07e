import HTTPMessage
import LinuxSystem
import Testing

@testable import ControlAPI
@testable import SegmentEngine

@Suite struct MetricsRouteTests {
    /// The value of each sample by its name and labels.
    private func samples(_ response: HTTPResponse) -> [String: String] {
        let lines = response.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let pairs = lines.compactMap { line in
            line.lastIndex(of: " ").map { (String(line[..<$0]), String(line[line.index(after: $0)...])) }
        }
        return Dictionary(pairs) { first, _ in "\(first) twice" }
    }

    @Test(arguments: [
        (nil, "text/plain; version=0.0.4; charset=utf-8"), ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8"),
        // Prometheus 2 and 3.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        ),
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            "application/openmetrics-text; version=1.0.0; charset=utf-8"
        ),
        ("application/openmetrics-text;q=0.1,text/plain;q=0.2", "text/plain; version=0.0.4; charset=utf-8"),
    ])
    func speaksWhatIsAccepted(accept: String?, expected: String) throws {
        let response = try Bench().answer(
            "GET", "/metrics", headers: accept.map { [HTTPField("Accept", $0)] } ?? [])
        #expect(response.status == 200)
        #expect(response["Content-Type"] == expected)
        #expect(response.text.hasSuffix("# EOF") == expected.hasPrefix("application/openmetrics-text"))
    }

    @Test func refusesOtherTypesAndParameters() throws {
        let bench = try Bench()
        #expect(try bench.answer("GET", "/metrics", headers: [HTTPField("Accept", "text/html")]).status == 406)
        #expect(try bench.answer("GET", "/metrics?name=up").status == 422)
    }

    @Test func tellsWhatWasCounted() throws {
        let bench = try Bench()
        let totals = bench.engine.totals
        totals.countSent(3, octets: 120, areReplies: true)
        totals.countUnsent(.blocked, error: .notPermitted)
        totals.kernelDrops.add(7)
        totals.received.evictions.add(5)
        totals.received.segments.add(11)
        bench.publish(EndpointDefinition(preset: .server))
        bench.publish(EndpointDefinition(preset: .client), state: .degraded(reason: "why"))
        bench.capture([UInt8](repeating: 0, count: 40))
        let samples = samples(try bench.answer("GET", "/metrics"))
        let expected = [
            #"segmentd_build_info{version="1.2.3",commit="",api="1"}"#: "1",
            "segmentd_received_segments_total": "11", "segmentd_sent_segments_total": "3",
            "segmentd_sent_bytes_total": "120", "segmentd_replies_total": "3",
            #"segmentd_send_outcomes_total{outcome="sent"}"#: "3",
            #"segmentd_send_outcomes_total{outcome="blocked"}"#: "1",
            #"segmentd_send_outcomes_total{outcome="queueFull"}"#: "0",
            #"segmentd_send_errors_total{error="EPERM"}"#: "1",
            "segmentd_kernel_drops_total": "7", "segmentd_ring_evictions_total": "5",
            #"segmentd_endpoints{state="running"}"#: "1", #"segmentd_endpoints{state="stopped"}"#: "0",
            #"segmentd_endpoints{state="degraded"}"#: "1", "segmentd_endpoints_limit": "100",
            "segmentd_ring_segments": "1", "segmentd_ring_segments_limit": "8", "segmentd_ring_bytes": "40",
            "segmentd_ring_limit_bytes": "131072", "segmentd_waiters": "0", "segmentd_waiting_commands": "0",
            "segmentd_engine_stalled_seconds": "0.000000000", "segmentd_engine_turn_duration_seconds_count": "0",
            #"segmentd_readiness_check{check="rawSocket",required="true"}"#: "0",
        ]
        for (name, value) in expected { #expect(samples[name] == value, "\(name)") }
        #expect(!samples.keys.contains { $0.hasPrefix("segmentd_access_events_total") }, "nobody can be refused")
    }

    /// The route that was found, and not the path that was asked for.
    @Test(arguments: [
        ("GET", "/endpoints/server", "GET", "/endpoints/{id}"), ("HEAD", "/endpoints/server", "GET", "/endpoints/{id}"),
        ("GET", "/endpoints/server/counters", "GET", "/endpoints/{id}/counters"),
        ("POST", "/reset", "POST", "/reset"), ("GET", "/segments/7", "GET", "/segments/{id}"),
        ("GET", "/nowhere", "none", "none"), ("PUT", "/endpoints/server", "none", "none"),
    ])
    func requestsAreKnownByTheirRoutes(method: String, target: String, known: String, path: String) throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        let responder = try bench.begin(method, target)
        bench.meter.count(route: responder.route, status: 200, nanoseconds: 30_000)
        let samples = samples(try bench.answer("GET", "/metrics"))
        let labels = #"method="\#(known)",route="\#(path)""#
        #expect(samples["segmentd_http_requests_total{\(labels),status=\"2xx\"}"] == "1")
        #expect(samples["segmentd_http_requests_total{\(labels),status=\"5xx\"}"] == "0")
        #expect(samples["segmentd_http_requests_total{\(labels),status=\"1xx\"}"] == nil)
        #expect(samples["segmentd_http_request_duration_seconds_bucket{\(labels),le=\"2.5e-05\"}"] == "0")
        #expect(samples["segmentd_http_request_duration_seconds_bucket{\(labels),le=\"5e-05\"}"] == "1")
        #expect(samples.keys.filter { $0.hasPrefix("segmentd_http_request_duration_seconds_count") }.count == 1)
    }

    /// How long these take says nothing about the service.
    @Test(arguments: [
        ("GET", "/segments?wait=1h", true), ("GET", "/segments.pcapng?wait=1h", true), ("GET", "/segments", false),
        ("POST", "/endpoints/server/segments?wait=1h", true), ("POST", "/endpoints/server/segments", false),
        ("GET", "/segments/stream", false),
    ])
    func requestsThatWaitOnPurposeAreKnown(method: String, target: String, isHeld: Bool) throws {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        for key in [[], [HTTPField("Idempotency-Key", "\"k\"")]] {
            let responder = try bench.begin(method, target, method == "POST" ? "{}" : "", headers: key)
            #expect(responder.isHeld == isHeld)
        }
        // Who repeats a key is remembered until the answer is there.
        bench.failure = .init(.unknownEndpoint(id: "server"))
        bench.obeyPosted()
    }
}

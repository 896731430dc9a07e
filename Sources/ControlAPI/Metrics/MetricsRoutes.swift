import HTTPMessage
import LinuxSystem
import SegmentEngine

/// What is counted and measured, for those who collect it from many programs.
///
/// Answered from what threads share, so also while the engine stands still. How many samples there are does not depend
/// on how many endpoints, transmissions, runs or clients there are.
struct MetricsRoutes: Sendable {
    /// Room for what there usually is.
    private static let usualOctets = 32 << 10

    let engine: EngineHandle
    let state: StateJournal?
    let version: ServiceVersion
    let http: HTTPMetrics

    var routes: [Route] {
        [
            .immediate("GET", "/metrics", types: ExpositionFormat.mediaTypes) { request, _ throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                let format = ExpositionFormat(preferredBy: request)
                var text = ExpositionWriter(format, reservingCapacity: Self.usualOctets)
                write(to: &text)
                return HTTPResponse(
                    status: 200, headers: [HTTPField("Content-Type", format.contentType)], body: text.finish())
            }
        ]
    }

    private func write(to text: inout ExpositionWriter) {
        text.begin(Self.build)
        text.sample(
            1, ["version": version.version, "commit": version.commit ?? "", "api": version.api])
        text.begin(Self.check)
        for check in ReadinessCheck.known(of: engine, state) {
            text.sample(check.isOK ? 1 : 0, ["check": check.name, "required": check.isRequired ? "true" : "false"])
        }
        TrafficMetrics.write(engine.totals, to: &text)
        EngineMetrics.write(engine, to: &text)
        http.write(to: &text)
        ProcessMetrics.write(ProcessUsage.current, to: &text)
    }

    private static let build = MetricFamily(.info, "segmentd_build", "What this build is.")
    private static let check = MetricFamily(
        .gauge, "segmentd_readiness_check",
        "Whether something is as it should be (1) or not (0), as GET /readyz tells; nothing works without what is "
            + "required.")
}

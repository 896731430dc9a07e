import AccessControl
import HTTPMessage

/// What was asked and answered over HTTP.
struct HTTPMetrics: Sendable {
    let meter: HTTPMeter
    /// Who was refused, where somebody may be.
    let access: AccessCounters?

    func write(to text: inout ExpositionWriter) {
        writeAnswers(to: &text)
        let gauges = meter.gauges
        text.begin(Self.connections)
        text.sample(gauges.connections)
        text.begin(Self.connectionLimit)
        text.sample(gauges.connectionLimit)
        text.begin(Self.activeRequests)
        text.sample(gauges.requests)
        text.begin(Self.streams)
        text.sample(gauges.streams)
        text.begin(Self.heldBytes)
        text.sample(gauges.heldOctets)
        text.begin(Self.heldByteLimit)
        text.sample(gauges.heldOctetLimit)
    }

    /// A route is told of once it has been asked for; nobody asks for most of them.
    private func writeAnswers(to text: inout ExpositionWriter) {
        let none = (number: HTTPMeter.noRoute, route: HTTPMeter.Route(method: Self.none, path: Self.none))
        let used = ([none] + meter.routes).map { number, route in
            (number: number, route: route, statuses: meter.statuses(ofRoute: number))
        }.filter { $0.statuses.contains { $0 > 0 } }
        text.begin(Self.requests)
        for (_, route, statuses) in used {
            for (index, count) in statuses.enumerated() where count > 0 || Self.usualStatuses.contains(index) {
                text.sample(count, ["method": route.method, "route": route.path, "status": "\(index + 1)xx"])
            }
        }
        text.begin(Self.durations)
        for (number, route, _) in used {
            text.sample(meter.durations(ofRoute: number), ["method": route.method, "route": route.path])
        }
        text.begin(Self.problems)
        for (slug, count) in meter.problemCounts { text.sample(count, ["type": slug]) }
        text.begin(Self.accessEvents)
        if let access {
            for event in AccessCounters.Event.allCases { text.sample(access[event], ["event": event.rawValue]) }
        }
    }

    /// What stands in the place of a route's method and path where there is none.
    private static let none = "none"
    /// 2xx, 4xx and 5xx are there from the beginning, so that the first of them shows in a rate.
    private static let usualStatuses = [1, 3, 4]

    private static let requests = MetricFamily(
        .counter, "segmentd_http_requests",
        "Answers, by route and first digit of the status; without a route where a request was refused before or none "
            + "has its path.")
    private static let durations = MetricFamily(
        .histogram, "segmentd_http_request_duration_seconds", unit: .seconds,
        "From when a request's head had come until its answer was ready to leave; not of those that wait because "
            + "they asked to, or that are held back for a wrong token.")
    private static let problems = MetricFamily(
        .counter, "segmentd_http_problems", "Answers that were problems, by the last part of their type.")
    private static let accessEvents = MetricFamily(
        .counter, "segmentd_access_events",
        "Requests refused for who sent them, and how wrong tokens were dealt with, as GET /counters tells.")
    private static let connections = MetricFamily(.gauge, "segmentd_http_connections", "Open connections.")
    private static let connectionLimit = MetricFamily(
        .gauge, "segmentd_http_connections_limit", "How many connections each listening socket serves.")
    private static let activeRequests = MetricFamily(
        .gauge, "segmentd_http_active_requests", "Requests whose answers have not left yet, this one included.")
    private static let streams = MetricFamily(
        .gauge, "segmentd_http_streams", "Answers that are sent as they come.")
    private static let heldBytes = MetricFamily(
        .gauge, "segmentd_http_held_bytes", unit: .bytes,
        "Octets of bodies on their way in and of answers on their way out, small ones aside.")
    private static let heldByteLimit = MetricFamily(
        .gauge, "segmentd_http_held_limit_bytes", unit: .bytes, "How many octets of bodies and answers may be held.")
}

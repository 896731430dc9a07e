import HTTPMessage

/// How metrics are written.
enum ExpositionFormat: String, CaseIterable {
    /// The text that Prometheus has read from its beginning, version 0.0.4.
    case prometheus = "text/plain"
    /// OpenMetrics 1.0.
    case openMetrics = "application/openmetrics-text"

    /// The media types, that of whoever has no preference first.
    static let mediaTypes = allCases.map(\.rawValue)

    /// What a client takes: Prometheus prefers OpenMetrics, a browser and curl get what is easiest to read.
    init(preferredBy request: HTTPRequest) {
        let type = ContentNegotiation.preferred(of: Self.mediaTypes, by: request)
        self = type.flatMap(ExpositionFormat.init(rawValue:)) ?? .prometheus
    }

    var contentType: String {
        switch self {
        case .prometheus: "\(rawValue); version=0.0.4; charset=utf-8"
        case .openMetrics: "\(rawValue); version=1.0.0; charset=utf-8"
        }
    }
}

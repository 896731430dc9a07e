import CaptureFilter
import HTTPMessage
import SegmentEngine

/// What every way to read captures has in common: whose segments, which of them, and from which cursor on.
struct CaptureSelection {
    private let endpoint: String?
    private let direction: CaptureQuery.Direction
    private let after: UInt64?
    private let filter: CaptureFilter?

    /// Reads the parameters; what is wrong with them is the query reader's to tell.
    init(_ query: QueryReader, of endpoint: String?, instance: String) {
        self.endpoint = endpoint
        direction = query.choice("direction", CaptureQuery.Direction.self) ?? .received
        after = query.integer("after", in: 0...Int.max).map { UInt64($0) }
        filter = query.captureFilter("filter")
        if let other = query.string("instance"), other != instance {
            query.violations.add(
                "\"\(other.prefix(40))\" has ended, and its cursors with it; this is \"\(instance)\"",
                parameter: "instance")
        }
    }

    /// The query, about the present bearer of the endpoint's id.
    func query(in engine: EngineHandle, limit: Int) throws(Problem) -> CaptureQuery {
        var subject: CaptureQuery.Subject?
        if let endpoint {
            guard let record = engine.endpoints.endpoint(endpoint) else {
                throw EngineProblems.problem(.init(.unknownEndpoint(id: endpoint)))
            }
            subject = CaptureQuery.Subject(of: record)
        }
        return CaptureQuery(
            subject: subject, direction: direction, after: after, limit: limit, filter: filter)
    }
}

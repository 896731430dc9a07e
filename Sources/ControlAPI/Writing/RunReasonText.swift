import HTTPMessage
import SegmentEngine

/// Says why a run, or a step of it, ended as it did.
enum RunReasonText {
    static func text(_ reason: RunRecord.Reason) -> String {
        switch reason {
        case .notReceived(let nanoseconds): "no such segment came within \(Duration.text(nanoseconds: nanoseconds))"
        case .received(after: 0): "such a segment came at once"
        case .received(let nanoseconds): "such a segment came after \(Duration.about(nanoseconds: nanoseconds))"
        case .lost(let kernel, let ring): "\(lost(kernel, ring)) while it waited, and may have been what counts"
        case .notSent(let count, let failure): notSent(count, failure)
        case .refused(let error): "the segment may not be sent: \(detail(of: error))"
        case .endpointStopped(let id): "the endpoint \"\(id)\" was stopped"
        case .timeIsUp: "a run may take \(Duration.text(nanoseconds: RunPlan.maximumNanoseconds)), which are over"
        case .cancelled: "it was cancelled"
        case .serviceEnded: "segmentd ended before it did"
        }
    }

    private static func lost(_ kernel: UInt64, _ ring: UInt64) -> String {
        var parts: [String] = []
        if kernel > 0 { parts.append("the socket's buffer lost \(segments(kernel))") }
        if ring > 0 { parts.append("\(segments(ring)) left the ring unseen") }
        return parts.joined(separator: " and ")
    }

    private static func notSent(_ count: UInt64, _ failure: TransmissionRecord.Failure?) -> String {
        guard let failure else { return "\(segments(count)) did not leave" }
        return "\(segments(count)) did not leave; the first: \(failure.outcome.rawValue), \(failure.detail)"
    }

    private static func detail(of error: EngineError) -> String {
        EngineProblems.problem(.init(error), in: EngineProblems.Body(isSegment: true)).detail ?? ""
    }

    private static func segments(_ count: UInt64) -> String { count == 1 ? "1 segment" : "\(count) segments" }
}

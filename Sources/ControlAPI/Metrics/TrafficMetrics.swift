import JSONText
import LinuxSystem
import SegmentEngine

/// The segments of all endpoints together, those of removed ones included.
enum TrafficMetrics {
    static func write(_ totals: EngineCounters, to text: inout ExpositionWriter) {
        writeReceived(totals, to: &text)
        writeSent(totals, to: &text)
        writeLost(totals, to: &text)
    }

    private static func writeReceived(_ totals: EngineCounters, to text: inout ExpositionWriter) {
        text.begin(receivedSegments)
        text.sample(totals.segmentsReceived)
        text.begin(receivedBytes)
        text.sample(totals.octetsReceived)
        text.begin(receivedFlags)
        for (flag, name) in JSONWriter.flags { text.sample(totals.received(flag), ["flag": name.description]) }
        text.begin(receivedChecksums)
        text.sample(totals.checksumsValid, ["status": "valid"])
        text.sample(totals.checksumsPartial, ["status": "partial"])
        text.sample(totals.checksumsIncorrect, ["status": "incorrect"])
        text.begin(malformedSegments)
        text.sample(totals.malformed)
        text.begin(kernelResets)
        text.sample(totals.kernelResets.value)
        text.begin(icmpErrors)
        text.sample(totals.icmpErrors.value)
    }

    private static func writeSent(_ totals: EngineCounters, to text: inout ExpositionWriter) {
        text.begin(sentSegments)
        text.sample(totals.segmentsSent.value)
        text.begin(sentBytes)
        text.sample(totals.octetsSent.value)
        text.begin(sendOutcomes)
        for outcome in SendOutcome.allCases { text.sample(totals.ended(outcome), ["outcome": outcome.rawValue]) }
        text.begin(sendErrors)
        for (error, count) in totals.sendErrors { text.sample(count, ["error": error.name]) }
        text.begin(replies)
        text.sample(totals.replies.value)
    }

    private static func writeLost(_ totals: EngineCounters, to text: inout ExpositionWriter) {
        text.begin(kernelDrops)
        text.sample(totals.kernelDrops.value)
        text.begin(ringEvictions)
        text.sample(totals.ringEvictions)
        text.begin(filteredSegments)
        text.sample(totals.filtered.value)
        text.begin(suppressedReplies)
        text.sample(totals.repliesSuppressed.value)
    }

    private static let receivedSegments = MetricFamily(
        .counter, "segmentd_received_segments", "Segments that endpoints received.")
    private static let receivedBytes = MetricFamily(
        .counter, "segmentd_received_bytes", unit: .bytes, "Octets of received segments, TCP headers included.")
    private static let receivedFlags = MetricFamily(
        .counter, "segmentd_received_flags", "Received segments that had a flag set.")
    private static let receivedChecksums = MetricFamily(
        .counter, "segmentd_received_checksums",
        "Received segments by their checksum; partial ones were left unfinished by the host that sent them.")
    private static let malformedSegments = MetricFamily(
        .counter, "segmentd_malformed_segments", "Received segments in which something is wrong.")
    private static let kernelResets = MetricFamily(
        .counter, "segmentd_kernel_resets", "Resets that this host's own TCP sent for endpoints without a guard.")
    private static let icmpErrors = MetricFamily(
        .counter, "segmentd_icmp_errors", "ICMP errors about segments that were sent.")
    private static let sentSegments = MetricFamily(
        .counter, "segmentd_sent_segments", "Segments that the kernel took, answers of rules included.")
    private static let sentBytes = MetricFamily(
        .counter, "segmentd_sent_bytes", unit: .bytes, "Octets of sent segments, TCP headers included.")
    private static let sendOutcomes = MetricFamily(
        .counter, "segmentd_send_outcomes", "Attempts to send a segment, by how they ended.")
    private static let sendErrors = MetricFamily(
        .counter, "segmentd_send_errors", "Attempts to send a segment that the kernel refused, by its error.")
    private static let replies = MetricFamily(.counter, "segmentd_replies", "Sent segments that were answers of rules.")
    private static let kernelDrops = MetricFamily(
        .counter, "segmentd_kernel_drops",
        "Datagrams that the receive buffers had no room for: nobody will ever see these.")
    private static let ringEvictions = MetricFamily(
        .counter, "segmentd_ring_evictions",
        "Segments that left the capture ring to make room: who has not read them will not.")
    private static let filteredSegments = MetricFamily(
        .counter, "segmentd_filtered_segments", "Segments that a filter of an endpoint on a shared socket held back.")
    private static let suppressedReplies = MetricFamily(
        .counter, "segmentd_suppressed_replies", "Answers of rules that were not given, because too many waited.")
}

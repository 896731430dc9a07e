import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// Writes counters.
enum CountersJSON {
    private static let outcomes = SendOutcome.allCases

    static func write(of endpoint: EndpointRecord, to json: inout JSONWriter) {
        write(endpoint.counters, kernelDrops: endpoint.kernelDrops, filtered: endpoint.filtered, to: &json)
    }

    static func write(_ counters: EngineCounters, kernelDrops: UInt64, filtered: UInt64?, to json: inout JSONWriter) {
        json.beginObject()
        json.member("segmentsReceived", counters.segmentsReceived)
        json.member("octetsReceived", counters.octetsReceived)
        json.member("segmentsSent", counters.segmentsSent.value)
        json.member("octetsSent", counters.octetsSent.value)
        json.member("replies", counters.replies.value)
        json.key("outcomes")
        let hasFailures = writeOutcomes(of: counters, to: &json)
        json.key("sendErrors")
        json.beginObject()
        if hasFailures {
            for (error, count) in counters.sendErrors {
                json.key(error.name)
                json.value(count)
            }
        }
        json.endObject()
        json.key("flagsReceived")
        json.beginObject()
        for (flag, name) in JSONWriter.flags {
            let count = counters.received(flag)
            if count > 0 { json.member(name, count) }
        }
        json.endObject()
        json.key("checksums")
        json.beginObject()
        json.member("valid", counters.checksumsValid)
        json.member("partial", counters.checksumsPartial)
        json.member("incorrect", counters.checksumsIncorrect)
        json.endObject()
        json.member("repliesSuppressed", counters.repliesSuppressed.value)
        json.member("malformed", counters.malformed)
        json.member("kernelDrops", kernelDrops)
        json.member("filtered", filtered)
        json.member("ringEvictions", counters.ringEvictions)
        json.member("kernelResets", counters.kernelResets.value)
        json.member("icmpErrors", counters.icmpErrors.value)
        json.endObject()
    }

    /// Writes how many sends ended in each way, and tells whether any did not leave.
    private static func writeOutcomes(of counters: EngineCounters, to json: inout JSONWriter) -> Bool {
        var hasFailures = false
        json.beginObject()
        for outcome in outcomes {
            let count = counters.ended(outcome)
            guard count > 0 else { continue }
            json.key(outcome.rawValue)
            json.value(count)
            if outcome != .sent { hasFailures = true }
        }
        json.endObject()
        return hasFailures
    }
}

import JSONText
import LinuxSystem
import SegmentEngine
import TCPWire

/// Writes counters.
enum CountersJSON {
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
        json.beginObject()
        for outcome in SendOutcome.allCases where counters.ended(outcome) > 0 {
            json.key(outcome.rawValue)
            json.value(counters.ended(outcome))
        }
        json.endObject()
        json.key("sendErrors")
        json.beginObject()
        for (error, count) in counters.sendErrors {
            json.key(error.name)
            json.value(count)
        }
        json.endObject()
        json.key("flagsReceived")
        json.beginObject()
        for name in TCPFlags.names {
            guard let flag = TCPFlags(name: name), counters.received(flag) > 0 else { continue }
            json.key(name)
            json.value(counters.received(flag))
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
}

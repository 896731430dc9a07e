import JSONText
import LinuxSystem
import SegmentEngine

/// Writes transmissions.
enum TransmissionJSON {
    static func write(_ transmission: TransmissionRecord, to json: inout JSONWriter) {
        if let restored = transmission.restored { return json.value(json: restored.span) }
        json.beginObject()
        json.member("id", identifier(of: transmission.number))
        json.member("endpoint", transmission.endpoint)
        json.member("state", transmission.state.rawValue)
        json.member("requested", transmission.requested)
        json.member("attempted", transmission.attempted)
        json.member("sent", transmission.sent)
        json.key("outcomes")
        json.beginObject()
        for outcome in SendOutcome.allCases {
            guard transmission.outcomes[outcome] > 0 else { continue }
            json.key(outcome.rawValue)
            json.value(transmission.outcomes[outcome])
        }
        json.endObject()
        json.member("octetsSent", transmission.octetsSent)
        json.member("startedAt", time: transmission.startedAt)
        json.member("endedAt", time: transmission.hasEnded ? transmission.endedAt : nil)
        json.member("rate", transmission.rate)
        json.key("lateness")
        if let lateness = transmission.lateness {
            json.beginObject()
            json.member("p50", Duration.text(nanoseconds: lateness.median))
            json.member("p99", Duration.text(nanoseconds: lateness.percentile99))
            json.member("max", Duration.text(nanoseconds: lateness.maximum))
            json.endObject()
        } else {
            json.null()
        }
        json.key("firstError")
        if let failure = transmission.firstError {
            json.beginObject()
            json.member("outcome", failure.outcome.rawValue)
            json.member("errno", failure.error?.name)
            json.member("detail", failure.detail)
            if let mtu = failure.mtu { json.member("mtu", mtu) }
            json.endObject()
        } else {
            json.null()
        }
        if let replay = transmission.replay { write(replay, to: &json) }
        json.endObject()
    }

    private static func write(_ replay: ReplaySummary, to json: inout JSONWriter) {
        json.key("replay")
        json.beginObject()
        json.member("packets", replay.packets)
        json.member("segments", replay.segments)
        json.key("skipped")
        json.beginObject()
        for reason in ReplaySummary.Reason.allCases {
            guard let count = replay.skipped[reason] else { continue }
            json.key(reason.rawValue)
            json.value(count)
        }
        json.endObject()
        json.member("renumbered", replay.renumbered)
        json.member("played", replay.played?.description)
        json.member("peer", replay.peer?.description)
        json.endObject()
    }

    /// What a transmission is called in paths.
    static func identifier(of number: UInt64) -> String { "t\(number)" }

    /// The number that a transmission's name stands for.
    static func number(of identifier: String) -> UInt64? {
        guard let number = UInt64(identifier.dropFirst()), self.identifier(of: number) == identifier else { return nil }
        return number
    }
}

extension TransmissionRecord.Failure {
    /// What went wrong, and what may be done about it.
    var detail: String {
        let words = error.map { "\($0)" } ?? "the destination is not on the allow-list"
        return switch outcome {
        case .blocked where error != nil: "\(words): a firewall of this host forbids it"
        case .tooBig: "\(words): larger than the path's MTU\(mtu.map { " of \($0) octets" } ?? "")"
        case .failed where error == .accessDenied:
            "\(words): a broadcast address, to which nothing may be sent, or a route that prohibits it"
        case .failed where error == .invalidArgument: "\(words): a route that leads into a black hole, for one"
        case .queueFull: "\(words): the transmit queue stayed full"
        default: words
        }
    }
}

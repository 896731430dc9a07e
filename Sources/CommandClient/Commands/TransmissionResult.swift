/// What sending commands have in common: their answer shown, and what it means.
enum TransmissionResult {
    /// How long sending commands wait unless told otherwise.
    static let usualWait = WaitTime(milliseconds: 10_000)

    static func show(_ answer: ClientAnswer, on screen: Screen, waited: Bool) throws(ClientFailure) -> CommandStatus {
        if screen.format == .json {
            try screen.show(answer)
        } else {
            try screen.show(TransmissionTable.table([answer.json]))
        }
        guard waited else { return .success }
        switch answer.json["state"]?.string {
        case "queued", "sending": return .inconclusive
        default: return TransmissionTable.isSent(answer.json) ? .success : .unsatisfied
        }
    }
}

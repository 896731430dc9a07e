import JSONText

/// Waits for the end of a run and tells how far it has come.
struct RunWatch {
    /// How often what is shown is renewed.
    private static let shownMilliseconds = 100
    /// How long the service is asked to hold an answer that nobody watches.
    private static let heldMilliseconds = 5_000
    private static let tooMany = 503

    let client: ServiceClient
    let run: String
    let patience: WaitTime?

    /// The run as it ended, or as it is when the patience is at its end; an interruption cancels it.
    func end(
        showing line: consuming ProgressLine, until interruption: borrowing Interruption
    ) throws(ClientFailure) -> ClientAnswer {
        let clock = ContinuousClock()
        let deadline = patience.map { clock.now + .milliseconds($0.milliseconds) }
        while true {
            let left = deadline.map { max(Self.milliseconds(clock.now.duration(to: $0)), 0) } ?? .max
            let step = min(line.isShown ? Self.shownMilliseconds : Self.heldMilliseconds, left)
            let answer: ClientAnswer
            do throws(ClientFailure) {
                answer = try look(holding: step, until: interruption)
            } catch {
                if error.status == .interrupted { try cancel() }
                throw error
            }
            if !["queued", "running"].contains(answer.json["state"]?.string) { return answer }
            if left == 0 { return answer }
            line.show(Self.progress(of: answer.json))
        }
    }

    private func look(
        holding milliseconds: Int, until interruption: borrowing Interruption
    ) throws(ClientFailure) -> ClientAnswer {
        var request = ClientRequest("GET", "runs", run)
        request.hold(WaitTime(milliseconds: milliseconds))
        let answer = try client.exchange(request, until: interruption.descriptor)
        // All places for requests that wait may be taken; then we ask now and then.
        guard answer.status == Self.tooMany else { return try client.checked(answer) }
        guard !interruption.pause(milliseconds: CInt(clamping: milliseconds)) else {
            throw ClientFailure(.interrupted, "")
        }
        return try client.ask(ClientRequest("GET", "runs", run), until: interruption.descriptor)
    }

    private func cancel() throws(ClientFailure) {
        _ = try client.ask(ClientRequest("DELETE", "runs", run))
        Screen.complain("run \(run) is cancelled")
    }

    private static func milliseconds(_ duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        return Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// Which step it is at.
    static func progress(of run: JSONValue) -> String {
        let steps = (run["steps"] ?? .null).elements
        let name = run["name"]?.string.map { " \"\($0)\"" } ?? ""
        guard run["state"]?.string != "queued" else { return "run \(run["id"]?.plain ?? "-")\(name): waits for others" }
        let done = steps.count { !["pending", "running"].contains($0["state"]?.string) }
        let current = steps.first { $0["state"]?.string == "running" }
        let what = current.map { ", \($0["kind"]?.plain ?? "") \($0["endpoint"]?.plain ?? "")" } ?? ""
        return "run \(run["id"]?.plain ?? "-")\(name): \(done) of \(steps.count) steps\(what)"
    }
}

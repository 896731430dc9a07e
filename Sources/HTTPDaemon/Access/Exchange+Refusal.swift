import AccessControl
import CMicroHTTPD
import HTTPMessage

extension Exchange {
    /// Refuses a request before its body: at once or, when it came with a wrong token, after a while.
    func refuse(_ problem: Problem) -> MHD_Result {
        // Where connections run short, none is spent on waiting.
        guard problem.type == .tokenWrong, !request.connection.isExcess else { return refuseAtOnce(problem) }
        let caller = request.connection.caller.name
        switch server.failures.react(to: caller, at: MonotonicClock.milliseconds) {
        case .turnAway(let seconds):
            server.accessCounters.count(.turnedAway)
            return refuseAtOnce(
                Problem(.tooManyFailures, detail: "There have been too many wrong tokens from where this one came.")
                    .retryAfter(seconds: seconds))
        case .hold(let milliseconds):
            server.accessCounters.count(.delayed)
            return hold(problem, for: caller, milliseconds: milliseconds)
        }
    }

    private func refuseAtOnce(_ problem: Problem) -> MHD_Result {
        request.refuse()
        return queue(HTTPResponse(problem), closing: true)
    }

    /// Suspends the connection until the sweep gives up waiting for an answer, which nobody else gives.
    private func hold(_ problem: Problem, for caller: Caller.Name, milliseconds: Int) -> MHD_Result {
        var response = HTTPResponse(problem)
        response.headers.append(HTTPField("Connection", "close"))
        let refusal = response
        let responder = HTTPResponder()
        responder.respond(after: milliseconds) { refusal }
        request.hold(for: caller, responder)
        request.connection.removeDeadline()
        server.begin()
        if !server.add(responder) { responder.respond(refusal) }
        return answer(from: responder)
    }
}

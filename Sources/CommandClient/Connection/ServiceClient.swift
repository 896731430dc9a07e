import CCurl
import JSONText
import LinuxSystem

/// Asks one service.
struct ServiceClient {
    /// How much of an answer that is kept whole is read.
    private static let answerLimit = 1 << 30

    /// The URL up to the path.
    let base: String
    let unixSocket: String?
    let token: String?
    let authorities: String?
    let timeout: WaitTime

    /// Where it asks, for messages.
    var place: String { unixSocket.map { "unix:\($0)" } ?? base }

    /// The answer with its JSON, whatever its status.
    func exchange(_ request: ClientRequest, until interruption: CInt = -1) throws(ClientFailure) -> ClientAnswer {
        var octets: [UInt8] = []
        let outcome = perform(request, interruption: interruption) { _, _, piece in
            octets += piece
            return octets.count <= Self.answerLimit
        }
        try check(outcome)
        guard request.accept == nil || outcome.status >= 400 else {
            return ClientAnswer(status: outcome.status, octets: octets)
        }
        return try ClientAnswer.json(status: outcome.status, octets: octets)
    }

    /// The answer, if the service did what it was asked; `places` are the options that its pointers stand for.
    func ask(
        _ request: ClientRequest, places: [String: String] = [:], until interruption: CInt = -1
    ) throws(ClientFailure) -> ClientAnswer {
        try checked(try exchange(request, until: interruption), places: places)
    }

    /// The answer, unless it is a problem.
    func checked(_ answer: ClientAnswer, places: [String: String] = [:]) throws(ClientFailure) -> ClientAnswer {
        guard (200..<300).contains(answer.status) else {
            throw ClientFailure(.refused, ProblemText.lines(answer.json, status: answer.status, places: places))
        }
        return answer
    }

    /// Hands the body of an answer over as it comes, until `take` wants no more or `interruption` becomes readable.
    ///
    /// - Returns: Whether the service ended it.
    func stream(
        _ request: ClientRequest, until interruption: CInt = -1, _ take: ([UInt8]) throws(ClientFailure) -> Bool
    ) throws(ClientFailure) -> Bool {
        var problem: [UInt8] = []
        var failure: ClientFailure?
        let outcome = perform(request, isStream: true, interruption: interruption) { status, _, piece in
            guard (200..<300).contains(status) else {
                problem += piece
                return problem.count <= Self.answerLimit
            }
            do throws(ClientFailure) {
                return try take(piece)
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        if outcome.end == CCURL_ENOUGH || outcome.end == CCURL_INTERRUPTED { return false }
        try check(outcome)
        guard (200..<300).contains(outcome.status) else {
            let answer = try ClientAnswer.json(status: outcome.status, octets: problem)
            throw ClientFailure(.refused, ProblemText.lines(answer.json, status: answer.status))
        }
        return true
    }

    private func perform(
        _ request: ClientRequest, isStream: Bool = false, interruption: CInt,
        _ take: (Int, String?, [UInt8]) -> Bool
    ) -> Transfer.Outcome {
        var fields = ["Accept: \(request.accept ?? "application/json, application/problem+json;q=0.9, */*;q=0.1")"]
        // Without it libcurl asks for leave to send long bodies, and waits for the answer.
        fields.append("Expect:")
        if let token { fields.append("Authorization: Bearer \(token)") }
        fields.append("Content-Type:\(request.body.map { " " + $0.type.rawValue } ?? "")")
        return withoutActuallyEscaping(take) { take in
            Transfer.perform(
                method: request.method, url: base + request.target, fields: fields,
                body: request.body?.octets ?? (request.method == "POST" ? [] : nil), unixSocket: unixSocket,
                authorities: authorities, connectMilliseconds: timeout.milliseconds,
                totalMilliseconds: isStream ? 0 : timeout.milliseconds + request.heldFor.milliseconds,
                interruption: interruption, into: AnswerSink(take))
        }
    }

    private func check(_ outcome: Transfer.Outcome) throws(ClientFailure) {
        switch outcome.end {
        case CCURL_ANSWERED: return
        case CCURL_INTERRUPTED: throw ClientFailure(.interrupted, "")
        case CCURL_MISSING: throw ClientFailure(.unavailable, outcome.message)
        case CCURL_LATE:
            throw ClientFailure(.unreachable, "\(place) does not answer in time (--timeout): \(outcome.message)")
        case CCURL_BROKEN: throw ClientFailure(.unreachable, "the answer of \(place) broke off: \(outcome.message)")
        case CCURL_ENOUGH: throw ClientFailure(.unreachable, "\(place) answers more than there is room for")
        default:
            throw ClientFailure(
                .unreachable,
                "no segmentd answers at \(place): \(outcome.message); --url says where it is, "
                    + "'segmentd serve' starts one")
        }
    }
}

import HTTPMessage
import LinuxSystem
import Locking

/// The answers to requests that had a key, given again to whoever repeats one, so that nothing is done twice.
///
/// A request that runs is remembered however long it takes. What it was answered stays for ``lifetimeNanoseconds``,
/// unless there are too many keys or too many octets: then the oldest answers go first. Answers that say "we could
/// not" are not kept, because nothing was done, and another attempt may succeed.
///
/// Requests come in and responses are made on the HTTP thread; the thread that answers only notes that it has.
final class KeptAnswers: Sendable {
    /// How long an answer is kept.
    static let lifetimeNanoseconds: UInt64 = 600_000_000_000
    /// How many keys are known at once.
    static let maximumKeys = 10_000
    /// The octets that all kept answers may have, with an estimate for what holds them.
    static let maximumOctets = 32 << 20
    /// The statuses of answers that nothing was done for.
    private static let transientStatuses = [429, 503]

    private let table: Locked<AnswerTable>
    private let now: @Sendable () -> UInt64

    init(
        maximumKeys: Int = KeptAnswers.maximumKeys, maximumOctets: Int = KeptAnswers.maximumOctets,
        now: @escaping @Sendable () -> UInt64 = { Clock.monotonicNanoseconds }
    ) {
        table = Locked(
            AnswerTable(
                maximumKeys: maximumKeys, maximumOctets: maximumOctets,
                lifetimeNanoseconds: Self.lifetimeNanoseconds))
        self.now = now
    }

    /// Answers a request with what its first sending was answered or, if this is the first, has `handle` answer it,
    /// through a responder that outlives the connection.
    func answer(
        _ request: HTTPRequest, under key: IdempotencyKey, _ responder: HTTPResponder,
        handle: (HTTPResponder) throws(Problem) -> Void
    ) throws(Problem) {
        settleAnswered()
        let keyed = KeyedRequest(request)
        let time = now()
        switch table.withLock({ table in table.begin(key, keyed, at: time) }) {
        case .new:
            try begin(keyed, under: key, responder, handle: handle)
        case .known(let entry):
            guard entry.fingerprint == keyed.fingerprint else {
                throw Problem(
                    .keyReused, detail: "the key came with another method, path, query or body; take a new one",
                    violations: [.init(header: IdempotencyKey.field, detail: "is that of another request")])
            }
            responder.respond(try Self.repeated(entry))
        case .full:
            throw Problem(.tooManyKeys, detail: "too many requests with keys wait for their answers")
                .retryAfter(seconds: 1)
        }
    }

    private func begin(
        _ keyed: KeyedRequest, under key: IdempotencyKey, _ responder: HTTPResponder,
        handle: (HTTPResponder) throws(Problem) -> Void
    ) throws(Problem) {
        do throws(Problem) {
            try handle(keyed.responder)
        } catch {
            keyed.responder.respond(HTTPResponse(error))
        }
        let waits = keyed.responder.wait { [self] in
            // Noted whether or not anybody is left to hear the answer.
            table.withLock { table in table.noteAnswer(to: keyed, under: key) }
            responder.respond { [self] in settle(keyed, under: key) }
        }
        guard waits else {
            responder.respond(settle(keyed, under: key))
            return
        }
        // Whoever is told that there is no answer in time has a request that runs: it may still be obeyed.
        responder.takeFallback(of: keyed.responder)
    }

    /// What a request is answered that has come before.
    private static func repeated(_ entry: AnswerTable.Entry) throws(Problem) -> HTTPResponse {
        switch entry {
        case .kept(let request):
            return request.response ?? HTTPResponse(Problem(.internalError))
        case .running:
            throw Problem(.keyRunning, detail: "the request that came first with this key is not answered yet")
                .retryAfter(seconds: 1)
        case .tooLarge:
            throw Problem(.answerNotKept, detail: "the request was answered, by more octets than are kept")
        }
    }

    /// Makes the responses to requests that have been answered, whoever has heard it.
    private func settleAnswered() {
        for (key, request) in table.withLock({ table in table.takeAnswered() }) {
            _ = settle(request, under: key)
        }
    }

    /// The response to a request that has been answered, kept if it is to be.
    private func settle(_ keyed: KeyedRequest, under key: IdempotencyKey) -> HTTPResponse {
        guard let response = keyed.response else { return HTTPResponse(Problem(.internalError)) }
        let time = now()
        table.withLock { table in
            if Self.transientStatuses.contains(response.status) {
                table.forget(keyed, under: key)
            } else {
                table.keep(response, to: keyed, under: key, at: time)
            }
        }
        return response
    }
}

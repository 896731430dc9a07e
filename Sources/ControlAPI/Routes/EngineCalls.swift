import HTTPMessage
import SegmentEngine
import StateStore

/// Asks the engine, without waiting for it: its answer resumes the request.
struct EngineCalls: Sendable {
    /// How long a request waits for the engine before it is told that the engine stands still.
    static let patienceMilliseconds = 10_000
    /// How long a request may ask to be held, in nanoseconds.
    static let longestWait: UInt64 = 3_600_000_000_000

    /// What a command does to what is kept.
    enum Effect {
        case nothing
        /// There is more afterwards, or other things: not to be done while it cannot be kept.
        case begins
        /// There is less afterwards: to be done in any case, since it may be urgent.
        case ends
    }

    let engine: EngineHandle
    /// Who keeps changes; `nil`: nobody.
    var state: StateJournal?

    /// How long a request waits that asked to be held for so many nanoseconds.
    static func patienceMilliseconds(for wait: UInt64?) -> Int {
        patienceMilliseconds + Int((wait ?? 0) / 1_000_000)
    }

    /// A place among the requests that are held.
    func place() throws(Problem) -> WaitingPlaces.Place {
        let places = engine.watch.places
        guard let place = places.take() else {
            throw Problem(.tooManyWaiters, detail: "\(places.limit) requests are held; none is free yet")
                .retryAfter(seconds: 1)
        }
        return place
    }

    /// A place for a request that is answered later because it asked to be.
    func place(for responder: HTTPResponder) throws(Problem) -> WaitingPlaces.Place {
        let place = try place()
        responder.isHeld = true
        return place
    }

    /// Posts a command whose success `response` makes a response of, on the thread that sends it.
    ///
    /// What changes anything is answered when that is kept.
    func post<Success: Sendable>(
        to responder: HTTPResponder, effect: Effect = .nothing,
        patienceMilliseconds: Int = EngineCalls.patienceMilliseconds,
        _ command: (@escaping EngineCommand.Completion<Success>) -> EngineCommand,
        response: @escaping @Sendable (Success) -> HTTPResponse,
        body: @escaping @Sendable () -> EngineProblems.Body = { EngineProblems.Body() }
    ) throws(Problem) {
        let state = effect == .nothing ? nil : state
        if effect == .begins, let state, let failure = state.failure {
            throw Problem(
                .stateUnavailable, detail: "\(state.path): \(failure); \(failure.remedy). Nothing was done"
            ).retryAfter(seconds: 1)
        }
        let posted = engine.post(
            command { result in
                let answer: @Sendable () -> HTTPResponse = {
                    switch result {
                    case .success(let success): response(success)
                    case .failure(let error): HTTPResponse(EngineProblems.problem(error, in: body()))
                    }
                }
                guard let state, case .success = result else {
                    responder.respond(answer)
                    return
                }
                state.whenKept { failure in
                    guard let failure else {
                        responder.respond(answer)
                        return
                    }
                    responder.respond(HTTPResponse(Self.notKept(in: state.path, because: failure)))
                }
            })
        guard posted else {
            throw Problem(
                .engineBusy, detail: "\(engine.configuration.mailboxCapacity) commands wait, or it is stopping"
            ).retryAfter(seconds: 1)
        }
        responder.respond(after: patienceMilliseconds) {
            HTTPResponse(
                Problem(.engineStalled, detail: "no answer in \(patienceMilliseconds) ms").retryAfter(seconds: 1))
        }
    }

    /// What is answered for a change that is in force until the service ends, and perhaps no longer.
    private static func notKept(in path: String, because failure: StateStoreError) -> Problem {
        Problem(
            .stateNotKept,
            detail: "\(path): \(failure); \(failure.remedy). "
                + "It was done, and is kept as soon as the file can be written")
    }
}

import HTTPMessage
import SegmentEngine

/// Asks the engine, without waiting for it: its answer resumes the request.
struct EngineCalls: Sendable {
    /// How long a request waits for the engine before it is told that the engine stands still.
    static let patienceMilliseconds = 10_000
    /// How long a request may ask to be held, in nanoseconds.
    static let longestWait: UInt64 = 3_600_000_000_000

    let engine: EngineHandle

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

    /// Posts a command whose success `response` makes a response of, on the thread that sends it.
    func post<Success: Sendable>(
        to responder: HTTPResponder, patienceMilliseconds: Int = EngineCalls.patienceMilliseconds,
        _ command: (@escaping EngineCommand.Completion<Success>) -> EngineCommand,
        response: @escaping @Sendable (Success) -> HTTPResponse,
        body: @escaping @Sendable () -> EngineProblems.Body = { EngineProblems.Body() }
    ) throws(Problem) {
        let posted = engine.post(
            command { result in
                responder.respond {
                    switch result {
                    case .success(let success): response(success)
                    case .failure(let error): HTTPResponse(EngineProblems.problem(error, in: body()))
                    }
                }
            })
        guard posted else {
            throw Problem(
                .engineBusy, detail: "\(engine.configuration.mailboxCapacity) commands wait, or it is stopping"
            ).retryAfter(seconds: 1)
        }
        responder.respond(after: patienceMilliseconds) {
            HTTPResponse(Problem(.engineStalled, detail: "no answer in \(patienceMilliseconds) ms"))
        }
    }
}

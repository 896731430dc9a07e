import Locking
import Synchronization

/// Where the answer to one request goes.
///
/// The first answer counts. Responses are made on the thread that sends them: a caller that wants no part in encoding
/// hands over a closure.
package final class HTTPResponder: Sendable {
    /// A response, or how it is made.
    private enum Answer {
        case response(HTTPResponse)
        case closure(@Sendable () -> HTTPResponse)

        func make() -> HTTPResponse {
            switch self {
            case .response(let response): response
            case .closure(let make): make()
            }
        }
    }

    private enum State {
        case waiting
        /// Nobody asks again until `wake` is called.
        case suspended(wake: @Sendable () -> Void)
        case answered(Answer)
        case finished
    }

    /// What to answer when nobody has for so long.
    private struct Fallback {
        let milliseconds: Int
        let make: @Sendable () -> HTTPResponse
    }

    private struct Contents {
        var state = State.waiting
        var fallback: Fallback?
    }

    private let contents = Locked(Contents())
    private let waking = Waking()
    private let routeNumber = Atomic(HTTPMeter.noRoute)
    private let heldOnPurpose = Atomic(false)

    package init() {}

    /// The number by which an ``HTTPMeter`` knows the request's route; to be set before the handler returns.
    package var route: Int {
        get { routeNumber.load(ordering: .relaxed) }
        set { routeNumber.store(newValue, ordering: .relaxed) }
    }

    /// Whether the request waits because it asked to, so that how long it takes tells nothing; to be set before the
    /// handler returns.
    package var isHeld: Bool {
        get { heldOnPurpose.load(ordering: .relaxed) }
        set { heldOnPurpose.store(newValue, ordering: .relaxed) }
    }

    /// Answers the request; false when it has been answered or is over.
    @discardableResult
    package func respond(_ response: HTTPResponse) -> Bool {
        respond(.response(response))
    }

    /// Answers the request with what `make` will return on the server's thread; false when it has been answered or
    /// is over, and then `make` is never called.
    @discardableResult
    package func respond(_ make: @escaping @Sendable () -> HTTPResponse) -> Bool {
        respond(.closure(make))
    }

    private func respond(_ answer: Answer) -> Bool {
        var isFirst = true
        waking.wake {
            contents.withLock { contents in
                switch contents.state {
                case .waiting:
                    contents.state = .answered(answer)
                    return nil
                case .suspended(let wake):
                    contents.state = .answered(answer)
                    return wake
                case .answered, .finished:
                    isFirst = false
                    return nil
                }
            }
        }
        return isFirst
    }

    /// Says what to answer if nobody has in so many milliseconds; to be called before the handler returns.
    package func respond(after milliseconds: Int, _ make: @escaping @Sendable () -> HTTPResponse) {
        contents.withLock { contents in contents.fallback = Fallback(milliseconds: milliseconds, make: make) }
    }

    /// How long to wait at most; `nil`: for ever.
    package var patienceMilliseconds: Int? {
        contents.withLock { contents in contents.fallback?.milliseconds }
    }

    /// Waits no longer than another responder was told to, and then answers what that one would.
    package func takeFallback(of other: HTTPResponder) {
        isHeld = other.isHeld
        let fallback = other.contents.withLock { contents in contents.fallback }
        contents.withLock { contents in contents.fallback = fallback }
    }

    /// Answers what was meant for the case that nobody does.
    package func giveUp() {
        guard let fallback = contents.withLock({ contents in contents.fallback }) else { return }
        respond(fallback.make)
    }

    /// Whether there is nothing to wait for.
    package var isAnswered: Bool {
        contents.withLock { contents in
            switch contents.state {
            case .waiting, .suspended: false
            case .answered, .finished: true
            }
        }
    }

    /// Makes the response, once; nothing while there is no answer.
    package func takeResponse() -> HTTPResponse? {
        let answer: Answer? = contents.withLock { contents in
            guard case .answered(let answer) = contents.state else { return nil }
            contents.state = .finished
            return answer
        }
        return answer?.make()
    }

    /// Sees to it that `wake` is called, on the answering thread, when the answer comes.
    ///
    /// False when there is no need to wait; then neither closure is called. Otherwise `suspend` is called before this
    /// returns, and before `wake` is. Neither may use the responder.
    package func wait(suspend: () -> Void = {}, wake: @escaping @Sendable () -> Void) -> Bool {
        contents.withLock { contents in
            guard case .waiting = contents.state else { return false }
            suspend()
            contents.state = .suspended(wake: wake)
            return true
        }
    }

    /// Waits for the answer and makes the response, for callers that have no connection; nothing when it was taken.
    package func response() async -> HTTPResponse? {
        await withCheckedContinuation { continuation in
            let waits = wait { continuation.resume() }
            if !waits { continuation.resume() }
        }
        return takeResponse()
    }

    /// Gives the request up: whatever is answered from now on goes nowhere, and nobody is woken any more.
    package func finish() {
        contents.withLock { contents in contents.state = .finished }
        waking.settle()
    }
}

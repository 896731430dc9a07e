import HTTPMessage
import Synchronization
import Testing

@testable import ControlAPI

/// What is remembered, and for how long.
@Suite struct KeptAnswersTests {
    /// A clock that is set by hand, in nanoseconds.
    private final class HandClock: Sendable {
        let time = Atomic<UInt64>(0)
    }

    /// Sends a request that is answered at once, and tells what came back and whether it was handled.
    private func send(
        _ key: String, to answers: KeptAnswers, status: Int = 200, octets: Int = 1
    ) throws -> (status: Int, isHandled: Bool) {
        let request = try HTTPRequest(method: "POST", target: "/x")
        let responder = HTTPResponder()
        var isHandled = false
        do {
            try answers.answer(request, under: IdempotencyKey(text: key), responder) { inner throws(Problem) in
                isHandled = true
                inner.respond(HTTPResponse(status: status, body: [UInt8](repeating: 0, count: octets)))
            }
        } catch {
            responder.respond(HTTPResponse(error))
        }
        return (status: try #require(responder.takeResponse()).status, isHandled: isHandled)
    }

    /// Begins a request that nobody answers yet.
    private func hold(_ key: String, in answers: KeptAnswers) throws -> HTTPResponder {
        var held: HTTPResponder?
        try answers.answer(
            HTTPRequest(method: "POST", target: "/x"), under: IdempotencyKey(text: key), HTTPResponder()
        ) { inner throws(Problem) in held = inner }
        return try #require(held)
    }

    @Test func answersAreForgottenTenMinutesAfterTheyWereGiven() throws {
        let clock = HandClock()
        let answers = KeptAnswers { clock.time.load(ordering: .relaxed) }
        #expect(try send("a", to: answers, status: 201) == (status: 201, isHandled: true))
        clock.time.store(KeptAnswers.lifetimeNanoseconds - 1, ordering: .relaxed)
        #expect(try send("a", to: answers) == (status: 201, isHandled: false))
        clock.time.store(KeptAnswers.lifetimeNanoseconds, ordering: .relaxed)
        #expect(try send("a", to: answers) == (status: 200, isHandled: true))
    }

    @Test func whatRunsHasNoAge() throws {
        let clock = HandClock()
        let answers = KeptAnswers { clock.time.load(ordering: .relaxed) }
        let held = try hold("a", in: answers)
        clock.time.store(5 * KeptAnswers.lifetimeNanoseconds, ordering: .relaxed)
        #expect(try send("a", to: answers) == (status: 409, isHandled: false))
        held.respond(HTTPResponse(status: 201))
        #expect(try send("a", to: answers) == (status: 201, isHandled: false))
        clock.time.store(6 * KeptAnswers.lifetimeNanoseconds, ordering: .relaxed)
        #expect(try send("a", to: answers) == (status: 200, isHandled: true))
    }

    @Test func theOldestGoFirstWhenThereAreTooManyKeys() throws {
        let answers = KeptAnswers(maximumKeys: 4)
        let held = try hold("running", in: answers)
        for key in ["a", "b", "c", "d", "e"] { #expect(try send(key, to: answers).isHandled) }
        for key in ["c", "d", "e"] { #expect(try !send(key, to: answers).isHandled) }
        #expect(try send("running", to: answers) == (status: 409, isHandled: false))
        #expect(try send("a", to: answers).isHandled)
        held.finish()
    }

    @Test func manyComeAndGo() throws {
        let answers = KeptAnswers(maximumKeys: 7)
        for number in 0..<1000 {
            #expect(try send("\(number)", to: answers).isHandled)
            for known in max(0, number - 6)...number { #expect(try !send("\(known)", to: answers).isHandled) }
        }
        #expect(try send("992", to: answers).isHandled)
    }

    @Test func whatRunsIsNeverForgotten() throws {
        let answers = KeptAnswers(maximumKeys: 2)
        let held = [try hold("a", in: answers), try hold("b", in: answers)]
        #expect(try send("c", to: answers) == (status: 503, isHandled: false))
        held[0].respond(HTTPResponse(status: 503))
        #expect(try send("c", to: answers) == (status: 200, isHandled: true))
        held[1].finish()
    }

    @Test func theOldestGoFirstWhenTheyHaveTooManyOctets() throws {
        let answers = KeptAnswers(maximumOctets: 10_000)
        for key in ["a", "b", "c"] { #expect(try send(key, to: answers, octets: 4000).isHandled) }
        #expect(try !send("b", to: answers).isHandled)
        #expect(try !send("c", to: answers).isHandled)
        #expect(try send("a", to: answers, octets: 4000).isHandled)
        #expect(try send("b", to: answers, octets: 4000).isHandled)
    }

    @Test func anAnswerThatIsTooLargeIsNotKeptButKnown() throws {
        let answers = KeptAnswers(maximumOctets: 10_000)
        #expect(try send("a", to: answers, octets: 20_000) == (status: 200, isHandled: true))
        #expect(try send("a", to: answers) == (status: 409, isHandled: false))
    }

    @Test func responsesAreMadeOnceAndNotByWhoeverAnswers() throws {
        let answers = KeptAnswers()
        let outer = HTTPResponder()
        var held: HTTPResponder?
        try answers.answer(
            HTTPRequest(method: "POST", target: "/x"), under: IdempotencyKey(text: "a"), outer
        ) { inner throws(Problem) in held = inner }
        let counter = Counter()
        held?.respond { counter.made() }
        #expect(counter.count == 0)
        #expect(try send("a", to: answers) == (status: 203, isHandled: false))
        #expect(outer.takeResponse()?.status == 203)
        #expect(counter.count == 1)
    }

    /// Counts how often a response is made.
    private final class Counter: Sendable {
        private let value = Atomic(0)

        var count: Int { value.load(ordering: .relaxed) }

        func made() -> HTTPResponse {
            value.add(1, ordering: .relaxed)
            return HTTPResponse(status: 203)
        }
    }
}

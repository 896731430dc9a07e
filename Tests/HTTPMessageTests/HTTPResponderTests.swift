import HTTPMessage
import Synchronization
import Testing

@Suite struct HTTPResponderTests {
    @Test func takesTheFirstAnswerOnce() {
        let responder = HTTPResponder()
        #expect(responder.takeResponse() == nil)
        #expect(responder.respond(HTTPResponse(status: 200)))
        #expect(!responder.respond(HTTPResponse(status: 500)))
        #expect(responder.isAnswered)
        #expect(responder.takeResponse()?.status == 200)
        #expect(responder.takeResponse() == nil)
    }

    @Test func makesTheResponseWhenItIsTaken() {
        let count = Atomic(0)
        let responder = HTTPResponder()
        responder.respond {
            count.wrappingAdd(1, ordering: .relaxed)
            return HTTPResponse(status: 204)
        }
        #expect(count.load(ordering: .relaxed) == 0)
        #expect(responder.takeResponse()?.status == 204)
        #expect(count.load(ordering: .relaxed) == 1)
    }

    @Test func acceptsNothingWhenFinished() {
        let responder = HTTPResponder()
        responder.finish()
        #expect(!responder.respond(HTTPResponse(status: 200)))
        #expect(responder.takeResponse() == nil)
    }

    @Test func canBeAwaited() async {
        let responder = HTTPResponder()
        async let answer = responder.response()
        Task { responder.respond(HTTPResponse(status: 200)) }
        #expect(await answer?.status == 200)
    }

    @Test func findsHeadersInAnyCase() {
        let headers = HTTPHeaders([HTTPField("Accept", "a"), HTTPField("X", "b"), HTTPField("aCCEPT", "c")])
        #expect(headers["accept"] == "a")
        #expect(headers.values(of: "ACCEPT") == ["a", "c"])
        #expect(headers["accep"] == nil)
    }
}

import HTTPMessage
import JSONText
import LinuxSystem
import Testing

@testable import ControlAPI
@testable import SegmentEngine

/// Requests with a key, through the API.
@Suite struct IdempotencyTests {
    private static let segment = #"{"flags":["SYN"]}"#
    private static let path = "/endpoints/server/segments"

    private func key(_ text: String) -> [HTTPField] { [HTTPField("idempotency-key", text)] }

    private func bench() throws -> Bench {
        let bench = try Bench()
        bench.publish(EndpointDefinition(preset: .server))
        return bench
    }

    @Test func aRepeatGetsTheFirstAnswerAndDoesNothing() throws {
        let bench = try bench()
        let first = try bench.answer("POST", Self.path, Self.segment, headers: key("a"))
        #expect(first.status == 202)
        #expect(first["Location"] == "/transmissions/t1")
        let again = try bench.answer("POST", Self.path, Self.segment, headers: key("a"))
        #expect(again.isSame(as: first))
        #expect(bench.engine.transmissions.page(after: 0, limit: 10).transmissions.count == 1)
        let other = try bench.answer("POST", Self.path, Self.segment, headers: key("b"))
        #expect(other["Location"] == "/transmissions/t2")
        let without = try bench.answer("POST", Self.path, Self.segment)
        #expect(without["Location"] == "/transmissions/t3")
    }

    @Test func quotationMarksAreNotPartOfTheKey() throws {
        let bench = try bench()
        let first = try bench.answer("POST", Self.path, Self.segment, headers: key(#""a\"b\\c""#))
        #expect(try bench.answer("POST", Self.path, Self.segment, headers: key(#""a\"b\\c""#)).isSame(as: first))
        let plain = try bench.answer("POST", Self.path, Self.segment, headers: key("abc"))
        #expect(try bench.answer("POST", Self.path, Self.segment, headers: key(#""abc""#)).isSame(as: plain))
        #expect(!plain.isSame(as: first))
    }

    @Test(arguments: [
        ("POST", path, #"{"flags":["ACK"]}"#), ("POST", path + "?wait=1s", segment), ("POST", "/reset", ""),
        ("POST", "/endpoints", segment),
    ])
    func aKeyIsOfOneRequestOnly(method: String, target: String, body: String) throws {
        let bench = try bench()
        _ = try bench.answer("POST", Self.path, Self.segment, headers: key("a"))
        let reused = try bench.answer(method, target, body, headers: key("a"))
        #expect(reused.status == 422)
        #expect(reused.json?["type"]?.text == "/problems/idempotency-key-reused")
        #expect(reused.violations == ["Idempotency-Key: is that of another request"])
    }

    @Test func whatIsNoPostHasNoKey() throws {
        let bench = try bench()
        let first = try bench.answer("GET", "/endpoints", headers: key("a b"))
        #expect(first.status == 200)
        #expect(try bench.answer("DELETE", "/endpoints/server", headers: key("a")).status == 200)
        bench.publish(EndpointDefinition(preset: .server))
        #expect(try bench.answer("DELETE", "/endpoints/server", headers: key("a")).status == 200)
        #expect(bench.engine.endpoints.endpoint("server") == nil)
    }

    @Test(
        arguments: [
            ("", "has 0 characters, not 1…255"), (#""""#, "has 0 characters, not 1…255"),
            (String(repeating: "k", count: 256), "has 256 characters, not 1…255"),
            ("a b", "holds other than visible ASCII characters; quotation marks go around all of it"),
            (#"a"b"#, "holds other than visible ASCII characters; quotation marks go around all of it"),
            ("é", "holds other than visible ASCII characters; quotation marks go around all of it"),
            (#""a"#, "is not one string in quotation marks"), (#""a"b"#, "is not one string in quotation marks"),
            (#""a", "b""#, "is not one string in quotation marks"), (#""a\b""#, "is not one string in quotation marks"),
        ])
    func aKeyOutOfFormIsRefused(text: String, detail: String) throws {
        let bench = try bench()
        let response = try bench.answer("POST", Self.path, Self.segment, headers: key(text))
        #expect(response.status == 422)
        #expect(response.violations == ["Idempotency-Key: \(detail)"])
        #expect(bench.latest == nil)
    }

    @Test func aKeyComesOnce() throws {
        let bench = try bench()
        let response = try bench.answer("POST", Self.path, Self.segment, headers: key("a") + key("a"))
        #expect(response.violations == ["Idempotency-Key: is there more than once"])
        #expect(
            try bench.answer("POST", Self.path, Self.segment, headers: key(String(repeating: "k", count: 255))).status
                == 202)
    }

    @Test func aRepeatOfWhatRunsIsAConflict() throws {
        let bench = try bench()
        let first = try bench.begin("POST", Self.path, Self.segment, headers: key("a"))
        let early = try bench.begin("POST", Self.path, Self.segment, headers: key("a"))
        let refused = try #require(early.takeResponse())
        #expect(refused.status == 409)
        #expect(refused.json?["type"]?.text == "/problems/idempotency-key-running")
        #expect(refused["Retry-After"] == "1")
        #expect(first.takeResponse() == nil)
        bench.obeyPosted()
        let answer = try #require(first.takeResponse())
        #expect(answer.status == 202)
        #expect(try bench.answer("POST", Self.path, Self.segment, headers: key("a")).isSame(as: answer))
        #expect(bench.engine.transmissions.page(after: 0, limit: 10).transmissions.count == 1)
    }

    /// The connection is gone before the answer, or when the answer is on its way.
    @Test(arguments: [true, false])
    func anAnswerThatNobodyHeardIsKept(isEarly: Bool) throws {
        let bench = try bench()
        let first = try bench.begin("POST", Self.path, Self.segment, headers: key("a"))
        if isEarly { first.finish() }
        bench.obeyPosted()
        first.finish()
        let again = try bench.answer("POST", Self.path, Self.segment, headers: key("a"))
        #expect(again.status == 202)
        #expect(again["Location"] == "/transmissions/t1")
    }

    /// Whoever is told that the engine does not answer must not send again what the engine may still do.
    @Test func whatWasGivenUpStillRuns() throws {
        let bench = try bench()
        let first = try bench.begin("POST", Self.path, Self.segment, headers: key("a"))
        #expect(first.patienceMilliseconds != nil)
        first.giveUp()
        #expect(first.takeResponse()?.status == 503)
        let early = try bench.begin("POST", Self.path, Self.segment, headers: key("a"))
        #expect(early.takeResponse()?.status == 409)
        bench.obeyPosted()
        #expect(try bench.answer("POST", Self.path, Self.segment, headers: key("a")).status == 202)
    }

    @Test func errorsOfTheRequestAreKeptAndOursAreNot() throws {
        let bench = try bench()
        let invalid = try bench.answer("POST", Self.path, #"{"window":-1}"#, headers: key("a"))
        #expect(invalid.status == 422)
        #expect(try bench.answer("POST", Self.path, #"{"window":-1}"#, headers: key("a")).isSame(as: invalid))
        bench.failure = .init(.endpointStopped(id: "server"))
        let stopped = try bench.answer("POST", Self.path, Self.segment, headers: key("b"))
        #expect(stopped.status == 409)
        bench.failure = nil
        #expect(try bench.answer("POST", Self.path, Self.segment, headers: key("b")).isSame(as: stopped))
        for (name, status, error) in [
            ("c", 429, EngineError.tooManyTransmissions(limit: 1)),
            ("d", 503, .cannotOpen(what: "a socket", .notPermitted)),
        ] {
            bench.failure = .init(error)
            #expect(try bench.answer("POST", Self.path, Self.segment, headers: key(name)).status == status)
            bench.failure = nil
            #expect(try bench.answer("POST", Self.path, Self.segment, headers: key(name)).status == 202)
        }
    }
}

extension HTTPResponse {
    fileprivate func isSame(as other: HTTPResponse) -> Bool {
        status == other.status && headers == other.headers && body == other.body
    }
}

import AccessControl
import Glibc
import HTTPDaemon
import HTTPMessage
import Testing

/// Who is let in by a token, and what the others are answered.
@Suite(.timeLimit(.minutes(2))) struct AccessTests {
    private static let reader = String(repeating: "r", count: 40)
    private static let controller = String(repeating: "c", count: 40)

    private let counters = AccessCounters()
    private let calls = Counter()

    /// A server on which GET is for readers, and everything else takes control.
    private func startGuarded(_ change: (inout HTTPDaemon.Configuration) -> Void = { _ in }) throws -> HTTPDaemon {
        let text = "ci read \(Self.reader)\nbench control \(Self.controller)"
        var configuration = HTTPDaemon.Configuration()
        change(&configuration)
        let policy = HTTPDaemon.AccessPolicy(tokens: try TokenTable([UInt8](text.utf8)), counters: counters) {
            method, path in
            path == ["early"] ? nil : .role(method == "GET" ? .read : .control)
        }
        let calls = calls
        return try HTTPDaemon(configuration: configuration, access: policy) { request in
            calls.increment()
            return .later { responder in echo(request, responder) }
        }
    }

    private static func request(_ line: String, _ authorization: String?, _ rest: String = "") -> String {
        let field = authorization.map { "Authorization: \($0)\r\n" } ?? ""
        return "\(line) HTTP/1.1\r\nHost: localhost\r\n\(field)\(rest)\r\n"
    }

    private static let wrong = "Bearer error=\"invalid_token\""

    @Test(
        arguments: [
            ("GET /", "Bearer \(reader)", 200),
            ("GET /", "bEARER  \(controller)", 200),
            ("POST /", "Bearer \(controller)", 200),
            ("POST /", "Bearer \(reader)", 403),
            ("DELETE /", "Bearer \(reader)", 403),
            ("GET /early", "Bearer \(controller)", 503),
            ("GET /", nil, 401),
            ("GET /", "", 401),
            ("GET /", "Bearer", 401),
            ("GET /", "Basic \(controller)", 401),
            ("GET /", controller, 401),
            ("GET /", "Bearer \(controller)x", 401),
            ("GET /", "Bearer \(controller.dropLast())", 401),
            ("GET /", "Bearer \(controller) \(controller)", 401),
            ("GET /", "Bearer \(controller),", 401),
            ("GET /", "Bearer bench", 401),
            ("GET /", "Bearer \(controller)\r\nAuthorization: Bearer \(controller)", 400),
        ] as [(String, String?, Int)])
    func letsInByToken(line: String, authorization: String?, status: Int) throws {
        let daemon = try startGuarded()
        let client = try Client(port: daemon.port)
        client.send(Self.request(line, authorization))
        let head = try #require(client.response()).head
        #expect(head.hasPrefix("HTTP/1.1 \(status) "), "\(head)")
        #expect(head.contains("\r\nConnection: close") == (status != 200))
        #expect(calls.value == (status == 200 ? 1 : 0))
    }

    @Test func challengesAsTheStandardSays() throws {
        let daemon = try startGuarded()
        func challenge(_ line: String, _ authorization: String?) throws -> String? {
            let client = try Client(port: daemon.port)
            client.send(Self.request(line, authorization))
            let answer = try #require(client.rest())
            return answer.split(separator: "\r\n").first { $0.hasPrefix("WWW-Authenticate: ") }.map(String.init)
        }
        #expect(try challenge("GET /", nil) == "WWW-Authenticate: Bearer")
        #expect(try challenge("GET /", "Bearer x") == "WWW-Authenticate: Bearer error=\"invalid_token\"")
        #expect(
            try challenge("PUT /", "Bearer \(Self.reader)")
                == "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"control\"")
        #expect(counters[.tokenMissing] == 1 && counters[.tokenWrong] == 1 && counters[.roleInsufficient] == 1)
        #expect(counters[.delayed] == 1 && counters[.turnedAway] == 0)
    }

    @Test func reportsAProblemThatSaysWhatToDo() throws {
        let daemon = try startGuarded()
        let client = try Client(port: daemon.port)
        client.send(Self.request("GET /", nil))
        let answer = try #require(client.response())
        #expect(answer.head.contains("\r\nContent-Type: application/problem+json\r\n"))
        #expect(
            answer.body == """
                {"type":"/problems/token-missing","title":"A token is needed","status":401,"detail":\
                "Send a header \\"Authorization: Bearer TOKEN\\" with a token of the token file."}

                """)
    }

    /// A foreign Host, and a bad target, are refused before anybody looks at a token; a body afterwards.
    @Test(arguments: [
        (403, "/problems/foreign-host", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
        (403, "/problems/foreign-origin", "GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://x.example\r\n\r\n"),
        (400, "/problems/malformed-request", "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        (401, "/problems/token-missing", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc"),
    ])
    func asksForATokenInItsTurn(status: Int, type: String, request: String) throws {
        let daemon = try startGuarded()
        let client = try Client(port: daemon.port)
        client.send(request + Self.request("GET /smuggled", "Bearer \(Self.controller)"))
        let answer = try #require(client.rest())
        #expect(answer.hasPrefix("HTTP/1.1 \(status) ") && answer.contains(type), "\(answer)")
        #expect(calls.value == 0)
    }

    @Test func refusesWithoutReadingTheBody() throws {
        let daemon = try startGuarded()
        for authorization in [nil, "Bearer wrong", "Bearer \(Self.reader)"] {
            let client = try Client(port: daemon.port)
            client.send(Self.request("POST /", authorization, "Content-Length: 1000000\r\nExpect: 100-continue\r\n"))
            let answer = try #require(client.rest())
            #expect(answer.hasPrefix("HTTP/1.1 40") && !answer.contains("100 Continue"), "\(answer)")
        }
    }

    @Test(arguments: [controller, "wrong"])
    func whoIsTooFastLearnsNothingOfATokensWorth(token: String) throws {
        let daemon = try startGuarded { $0.localRequestsPerSecond = 1 }
        let client = try Client(port: daemon.port)
        client.send(Self.request("GET /", "Bearer \(Self.controller)"))
        #expect(client.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
        client.send(Self.request("GET /", "Bearer \(token)"))
        let head = try #require(client.response()?.head)
        #expect(head.hasPrefix("HTTP/1.1 429 ") && !head.contains("\r\nConnection: close"), "\(head)")
        #expect(counters[.tokenWrong] == 0 && calls.value == 1)
    }

    @Test func holdsAWrongTokenBackAndNobodyElse() throws {
        let daemon = try startGuarded()
        let begin = ContinuousClock.now
        let guessers = try (0..<4).map { _ in try Client(port: daemon.port) }
        for guesser in guessers {
            guesser.send(
                Self.request("POST /", "Bearer wrong", "Content-Length: 3\r\n") + "abc"
                    + Self.request("GET /smuggled", "Bearer \(Self.controller)"))
        }
        #expect(eventually { counters[.delayed] == 4 })
        // From the same address, with the right token and without any.
        let client = try Client(port: daemon.port)
        client.send(Self.request("GET /right", "Bearer \(Self.controller)"))
        #expect(client.response()?.body == "GET [\"right\"]  ")
        let silent = try Client(port: daemon.port)
        silent.send(Self.request("GET /", nil))
        #expect(silent.rest()?.hasPrefix("HTTP/1.1 401 ") == true)
        let fifth = try Client(port: daemon.port)
        fifth.send(Self.request("GET /", "Bearer wrong"))
        let turnedAway = try #require(fifth.rest())
        #expect(turnedAway.hasPrefix("HTTP/1.1 429 ") && turnedAway.contains("\r\nRetry-After: 4\r\n"), "\(turnedAway)")
        #expect(counters[.turnedAway] == 1 && counters[.tokenWrong] == 5)
        for (guesser, milliseconds) in zip(guessers, [250, 500, 1000, 2000]) {
            let answer = try #require(guesser.rest())
            #expect(answer.hasPrefix("HTTP/1.1 401 ") && answer.contains(Self.wrong), "\(answer)")
            #expect(!answer.contains("smuggled"))
            #expect(ContinuousClock.now - begin >= .milliseconds(milliseconds))
        }
        #expect(calls.value == 1)
    }

    @Test func stopsWhileRefusalsAreHeldBack() throws {
        let daemon = try startGuarded()
        let guessers = try (0..<4).map { _ in try Client(port: daemon.port) }
        for guesser in guessers { guesser.send(Self.request("GET /", "Bearer wrong")) }
        // One has gone away by then.
        guessers[3].abort()
        #expect(eventually { counters[.delayed] >= 3 })
        daemon.stop()
        for guesser in guessers.dropLast() {
            let answer = try #require(guesser.rest())
            #expect(
                answer.isEmpty || answer.hasPrefix("HTTP/1.1 503 ") || answer.hasPrefix("HTTP/1.1 401 "), "\(answer)")
        }
    }

    @Test func asksNobodyWithoutATokenFile() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        client.send(Self.request("PUT /a", "Bearer whatever"))
        #expect(client.response()?.body == "PUT [\"a\"]  ")
    }
}

import Glibc
import HTTPDaemon
import HTTPMessage
import Testing

/// What the gate refuses: a status line, then the end, and no handler runs.
@Suite(.timeLimit(.minutes(2))) struct RefusalTests {
    private static let smuggled = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test(
        arguments: [
            (400, "GET / HTTP/1.1\r\n\r\n"),
            (400, "GET / HTTP/1.0\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
            (403, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
            (403, "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n"),
            (403, "GET / HTTP/1.1\r\nHost: localhost.example.org\r\n\r\n"),
            (403, "GET / HTTP/1.1\r\nHost: 127.0.0.1.example.org\r\n\r\n"),
            (403, "GET / HTTP/1.1\r\nHost: \r\n\r\n"),
            (403, "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://example.org\r\nContent-Length: 0\r\n\r\n"),
            (403, "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nContent-Length: 0\r\n\r\n"),
            (403, "POST / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:1\r\nContent-Length: 0\r\n\r\n"),
            (403, "GET / HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 46\r\n\r\nabc"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 46\r\nContent-Length: 3\r\n\r\nabc"),
            (400, "PATCH / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \r\n\r\n"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\nabc"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3, 3\r\n\r\nabc"),
            (413, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\nabc"),
            (413, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551615\r\n\r\nabc"),
            (413, "PATCH / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\nabc"),
            (413, "DELETE / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1048577\r\n\r\nabc"),
            (
                400,
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
            ),
            (
                400,
                "PATCH / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
            ),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
            (400, "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
            (
                400,
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"
            ),
            (400, "POST / HTTP/1.0\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            (505, "GET / HTTP/1.9\r\nHost: localhost\r\n\r\n"),
            (505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
            (400, "G(T / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /%0a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /%ff HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /%4 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /?a=%zz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /é HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET /a\u{0}b HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET  /a HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET http://example.org/ HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "CONNECT example.org:80 HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET * HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\nA b: space\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\nA: \u{1}\r\n\r\n"),
            (400, "GET / HTTP/1.1\nHost: localhost\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\n\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\u{0}c\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Lengt: 0\r\n h\r\n\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\n: a\r\n"),
            (400, "GET / HTTP/1.1\r\nHost: localhost\r\n\u{0}\u{0}\r\n"),
            (414, "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            (431, "GET / HTTP/1.1\r\nHost: localhost\r\nA: \(String(repeating: "a", count: 20_000))\r\n\r\n"),
            (431, "GET / HTTP/1.1\r\nHost: localhost\r\n\(String(repeating: "A: a\r\n", count: 100))\r\n"),
        ] as [(Int, String)])
    func closesTheConnection(status: Int, request: String) throws {
        let calls = Counter()
        let daemon = try start { request, responder in
            calls.increment()
            echo(request, responder)
        }
        let client = try Client(port: daemon.port)
        client.send(request + Self.smuggled)
        let answer = try #require(client.rest(), "the connection stays open")
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer)")
        #expect(answer.contains("\r\nConnection: close\r\n"), "\(answer)")
        #expect(calls.value == 0)
        #expect(!answer.contains("smuggled"))
    }

    @Test(arguments: ["", "x", "3, 3", "99999999999999999999"])
    func answersOnceForALengthThatTheLibraryRefuses(length: String) throws {
        let daemon = try start()
        // Others that are there must not get the answer.
        let idle = try Client(port: daemon.port)
        let late = try Client(port: daemon.port)
        late.send("GET / HTTP/1.1\r\nHost: localhost\r\n")
        let waiting = try Client(port: daemon.port)
        waiting.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n")
        let client = try Client(port: daemon.port)
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(length)\r\n\r\n" + Self.smuggled)
        let answer = try #require(client.rest())
        #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(answer)")
        #expect(answer.contains("\r\nContent-Type: application/problem+json\r\n"))
        #expect(answer.contains("\r\nX-Content-Type-Options: nosniff\r\n"))
        late.send("\r\n")
        #expect(late.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
        waiting.send("a")
        #expect(waiting.response()?.body == "POST []  a")
        idle.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(idle.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
    }

    @Test func closesAfterChunks() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        let head = "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        client.send(head + "1\r\na\r\n0\r\n\r\n" + Self.smuggled)
        let answer = try #require(client.rest())
        #expect(answer.contains("\r\nConnection: close\r\n") && answer.hasSuffix("POST []  a"), "\(answer)")
    }

    @Test func refusesTypesThatNobodyTakes() throws {
        let daemon = try startEcho { $0.bodyTypes = ["application/json", "application/x-www-form-urlencoded"] }
        func status(_ fields: String) throws -> Substring? {
            let client = try Client(port: daemon.port)
            client.send("POST / HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n\r\na")
            return client.response()?.head.firstLine.dropFirst("HTTP/1.1 ".count).prefix(3)
        }
        let form = "Content-Type: application/x-www-form-urlencoded"
        #expect(try status("Content-Length: 1\r\nContent-Type: Application/JSON ; charset=utf-8") == "200")
        #expect(try status("Content-Length: 1") == "200")
        #expect(try status("Content-Length: 1\r\n\(form)") == "200")
        #expect(try status("Content-Length: 0\r\nContent-Type: text/plain") == "200")
        #expect(try status("Content-Length: 1\r\nContent-Type: text/plain") == "415")
        #expect(try status("Transfer-Encoding: chunked\r\nContent-Type: text/plain") == "415")
        #expect(try status("Content-Length: 1\r\n\(form)\r\nOrigin: http://localhost:\(daemon.port)") == "415")
    }

    @Test func tellsACallerAboveItsRate() throws {
        let daemon = try startEcho { $0.localRequestsPerSecond = 1 }
        let client = try Client(port: daemon.port)
        client.send(String(repeating: "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 2))
        #expect(client.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
        let answer = try #require(client.response())
        #expect(answer.head.hasPrefix("HTTP/1.1 429 ") && answer.head.contains("\r\nRetry-After: 1"))
        #expect(!answer.head.contains("\r\nConnection: close"))
    }

    @Test func countsWhatIsRefusedToTheRate() throws {
        let daemon = try startEcho { $0.localRequestsPerSecond = 2 }
        func status(host: String) throws -> Substring? {
            let client = try Client(port: daemon.port)
            client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            return client.response()?.head.firstLine.dropFirst("HTTP/1.1 ".count).prefix(3)
        }
        let statuses = try (0..<3).map { _ in try status(host: "evil.example") }
        #expect(statuses == ["403", "403", "429"])
        #expect(try status(host: "localhost") == "429")
    }

    @Test func holdsNoMoreThanItMay() throws {
        let daemon = try startEcho { $0.heldOctetsLimit = 100_000 }
        let holder = try Client(port: daemon.port)
        holder.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90000\r\n\r\n")
        holder.send([UInt8](repeating: 0x61, count: 89_999))
        // In each turn the server reads a piece from everybody who has something for it.
        let small = try Client(port: daemon.port)
        for _ in 0..<30 {
            small.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(small.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
        }
        let refused = try Client(port: daemon.port)
        refused.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n")
        let answer = try #require(refused.rest())
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 1\r\n"))
        small.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\na")
        #expect(small.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
        holder.send("a")
        #expect(holder.response()?.body == "POST []  90000")
        let other = try Client(port: daemon.port)
        other.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000\r\n\r\n")
        other.send([UInt8](repeating: 0x61, count: 30_000))
        #expect(other.response()?.body == "POST []  30000")
    }

    @Test func reportsAProblem() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n")
        let answer = try #require(client.response())
        #expect(answer.head.contains("\r\nContent-Type: application/problem+json\r\n"))
        #expect(
            answer.body == """
                {"type":"/problems/foreign-host","title":"The Host is not one of this service","status":403,\
                "detail":"Host \\"example.org\\" is not served here: use localhost, the address or an allowed name."}

                """)
    }

    @Test func admitsTheNamesOfThisMachineAndConfiguredOnes() throws {
        let daemon = try startEcho { $0.allowedHosts = ["Bench.example", "other.example:9"] }
        let port = daemon.port
        let hosts = [
            "localhost", "LOCALHOST:\(port)", "127.0.0.1", "127.0.0.1:\(port)", "127.9.9.9", "[::1]:\(port)",
            "bench.example", "bench.example:\(port)", "other.example:9",
        ]
        for host in hosts {
            let client = try Client(port: port)
            client.send("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n")
            #expect(client.response()?.head.hasPrefix("HTTP/1.1 200 ") == true, "\(host)")
        }
        let origins = ["http://localhost:\(port)", "http://127.0.0.1:\(port)", "http://bench.example"]
        for origin in origins {
            let client = try Client(port: port)
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: \(origin)\r\nSec-Fetch-Site: same-origin\r\n\r\n")
            #expect(client.response()?.head.hasPrefix("HTTP/1.1 200 ") == true, "\(origin)")
        }
    }

    @Test func stopsAChunkedBodyAtTheLimit() throws {
        let calls = Counter()
        let daemon = try start(
            { request, responder in
                calls.increment()
                echo(request, responder)
            }, { $0.bodyLimit = 1000 })
        let client = try Client(port: daemon.port)
        client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        // The body never ends: the answer must not wait for its end.
        let chunk = "64\r\n\(String(repeating: "a", count: 100))\r\n"
        for _ in 0..<11 { client.send(chunk) }
        let answer = try #require(client.rest())
        #expect(answer.hasPrefix("HTTP/1.1 413 "))
        #expect(answer.hasSuffix(#""status":413,"detail":"The limit is 1000 octets."}"# + "\n"), "\(answer)")
        #expect(calls.value == 0)
    }

    @Test func answers503AboveTheConnectionLimit() throws {
        let daemon = try startEcho { $0.connectionLimit = 2 }
        let kept = try (0..<2).map { _ in try Client(port: daemon.port) }
        for client in kept {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(client.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
        }
        let excess = try Client(port: daemon.port)
        excess.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let answer = try #require(excess.rest())
        #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("\r\nRetry-After: 1\r\n"))
    }
}

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

import Glibc
import HTTPDaemon
import HTTPMessage
import Testing

@Suite(.timeLimit(.minutes(2))) struct HTTPDaemonTests {
    @Test func answersWithExactOctets() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        client.send("PUT /a%2Fb/c?q=1+2&r[]=%C3%A9 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc")
        let response = try #require(client.response())
        #expect(response.body == "PUT [\"a/b\", \"c\"] q=1+2&r[]=é abc")
        let lines = response.head.split(separator: "\r\n").filter { !$0.hasPrefix("Date: ") }.sorted()
        #expect(
            lines == [
                "Cache-Control: no-store", "Content-Length: \(response.body.utf8.count)",
                "Content-Security-Policy: default-src 'none'", "Content-Type: text/plain", "HTTP/1.1 200 OK",
                "X-Content-Type-Options: nosniff",
            ])
    }

    @Test func leavesAPolicyOfTheResponseAlone() throws {
        let daemon = try start { _, responder in
            responder.respond(HTTPResponse(status: 200, headers: [HTTPField("content-security-policy", "own")]))
        }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let head = try #require(client.response()).head
        #expect(head.contains("content-security-policy: own") && !head.contains("default-src"))
    }

    @Test func servesOneRequestAfterTheOtherOnAConnection() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        for number in 0..<3 {
            client.send("GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(client.response()?.body == "GET [\"\(number)\"]  ")
        }
    }

    @Test func servesPipelinedRequestsInOrder() throws {
        let daemon = try start { request, responder in
            if request.path == ["slow"] {
                pthread_detach(onThread { echo(request, responder) })
            } else {
                echo(request, responder)
            }
        }
        let client = try Client(port: daemon.port)
        let paths = (0..<50).map { $0 % 5 == 0 ? "slow" : "\($0)" }
        client.send(paths.map { "PUT /\($0) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx" }.joined())
        for path in paths {
            #expect(client.response()?.body == "PUT [\"\(path)\"]  x")
        }
    }

    @Test func sendsOnlyTheHeadForHead() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        client.send("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\nGET /y HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let head = try #require(client.response(withBody: false)).head
        #expect(head.contains("Content-Length: 12"))
        #expect(client.response()?.body == "GET [\"y\"]  ")
    }

    @Test func waitsForContinueUntilTheGateHasPassed() throws {
        let daemon = try startEcho { $0.bodyLimit = 10 }
        let client = try Client(port: daemon.port)
        client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        #expect(client.response()?.head == "HTTP/1.1 100 Continue")
        client.send("abc")
        #expect(client.response()?.body == "PUT [\"x\"]  abc")
        client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n")
        let refusal = try #require(client.rest())
        #expect(refusal.firstLine.hasPrefix("HTTP/1.1 413 ") && !refusal.contains("100 Continue"))
    }

    @Test func takesAChunkedBody() throws {
        let daemon = try start()
        let client = try Client(port: daemon.port)
        client.send(
            "POST /x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")
        #expect(client.response()?.body == "POST [\"x\"]  abc")
    }

    @Test func takesABodyOfTheLimit() throws {
        let daemon = try startEcho { $0.bodyLimit = 100_000 }
        let client = try Client(port: daemon.port)
        client.send("PUT /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        client.send([UInt8](repeating: 0x61, count: 100_000))
        #expect(client.response()?.body == "PUT [\"x\"]  100000")
    }

    @Test func saysWhyItCannotListen() throws {
        let daemon = try start()
        let port = daemon.port
        let error = #expect(throws: HTTPDaemon.StartError.self) {
            _ = try startEcho { $0.port = port }
        }
        #expect(error?.code == EADDRINUSE)
        #expect(error?.description == "cannot listen on 127.0.0.1:\(port): another program uses this port")
        daemon.stop()
        let second = try startEcho { $0.port = port }
        #expect(second.port == port)
    }

    @Test(arguments: [1, 127, 128, 129, 256])
    func servesManyKeptConnectionsWithoutStalling(count: Int) throws {
        let daemon = try start()
        let clients = try (0..<count).map { _ in try Client(port: daemon.port) }
        let begin = ContinuousClock.now
        for _ in 0..<20 {
            for client in clients { client.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n") }
            for client in clients { #expect(client.response()?.body == "GET [\"a\"]  ") }
        }
        #expect(ContinuousClock.now - begin < .seconds(5))
    }

    @Test func namesItsThreadAndTakesNoSignals() throws {
        let lines = Box<String>()
        let daemon = try start { request, responder in
            lines.append(threadName())
            var mask = sigset_t()
            unsafe pthread_sigmask(SIG_BLOCK, nil, &mask)
            let isBlocked = [SIGINT, SIGTERM, SIGPIPE].allSatisfy { unsafe sigismember(&mask, $0) == 1 }
            lines.append("\(isBlocked)")
            echo(request, responder)
        }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.response() != nil)
        #expect(lines.takeAll() == ["http", "true"])
    }
}

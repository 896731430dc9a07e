import Glibc
import HTTPDaemon
import HTTPMessage
import Testing

/// Clients that send or read so slowly that they would hold their place for ever.
@Suite(.timeLimit(.minutes(2))) struct DeadlineTests {
    @Test(
        arguments: [
            "GET / HTTP/1.1\r\nHost: localhost\r\nA: ", "GET /",
            "PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n",
        ])
    func cutsOffATricklingClient(beginning: String) throws {
        let daemon = try startEcho {
            $0.headDeadlineMilliseconds = 300
            $0.bodyDeadlineMilliseconds = 300
        }
        let clients = try (0..<20).map { _ in try Client(port: daemon.port) }
        for client in clients { client.send(beginning) }
        let begin = ContinuousClock.now
        let isGone = eventually(seconds: 3) {
            usleep(20_000)
            // Sending to a closed connection fails from the second time on.
            return clients.allSatisfy { client in !client.send("a") }
        }
        #expect(isGone)
        #expect(ContinuousClock.now - begin > .milliseconds(250))
        let other = try Client(port: daemon.port)
        other.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(other.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
    }

    @Test func sparesARequestThatWaitsForItsAnswer() throws {
        let waiting = Box<(HTTPRequest, HTTPResponder)>()
        let daemon = try start({ request, responder in waiting.append((request, responder)) }) {
            $0.headDeadlineMilliseconds = 100
        }
        let patient = try Client(port: daemon.port)
        patient.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        let idle = try Client(port: daemon.port)
        #expect(idle.rest() == "")
        #expect(eventually { waiting.count == 1 })
        for (request, responder) in waiting.takeAll() { echo(request, responder) }
        #expect(patient.response()?.head.hasPrefix("HTTP/1.1 200 ") == true)
    }

    @Test func cutsOffAClientThatDoesNotRead() throws {
        let daemon = try start({ _, responder in
            responder.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 0, count: 32 << 20)))
        }) { $0.responseDeadlineMilliseconds = 200 }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { !client.send("x") })
    }
}

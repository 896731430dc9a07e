import Glibc
import HTTPDaemon
import HTTPMessage
import Testing

/// Requests that are answered after their handler has returned.
@Suite(.timeLimit(.minutes(2))) struct SuspensionTests {
    @Test func answersManyFromAnotherThread() throws {
        let waiting = Box<(HTTPRequest, HTTPResponder)>()
        let daemon = try start { request, responder in waiting.append((request, responder)) }
        let clients = try (0..<200).map { _ in try Client(port: daemon.port) }
        for (number, client) in clients.enumerated() {
            client.send("GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
        }
        #expect(eventually { waiting.count == 200 })
        let thread = onThread {
            for (request, responder) in waiting.takeAll().reversed() { echo(request, responder) }
        }
        for (number, client) in clients.enumerated() {
            #expect(client.response()?.body == "GET [\"\(number)\"]  ")
        }
        pthread_join(thread, nil)
    }

    @Test func answersMayRaceWithSuspension() throws {
        let waiting = Box<(HTTPRequest, HTTPResponder)>()
        let isDone = Counter()
        let thread = onThread {
            while isDone.value == 0 {
                for (request, responder) in waiting.takeAll() { echo(request, responder) }
            }
        }
        let daemon = try start { request, responder in waiting.append((request, responder)) }
        let client = try Client(port: daemon.port)
        for number in 0..<10_000 {
            client.send("GET /\(number) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            let body = client.response()?.body
            guard body == "GET [\"\(number)\"]  " else {
                Issue.record("request \(number): \(body ?? "no answer")")
                break
            }
        }
        isDone.increment()
        pthread_join(thread, nil)
    }

    @Test func makesTheResponseOnItsOwnThreadAndOnce() throws {
        let waiting = Box<HTTPResponder>()
        let names = Box<String>()
        let daemon = try start { _, responder in waiting.append(responder) }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { waiting.count == 1 })
        let responder = try #require(waiting.takeAll().first)
        let isFirst = responder.respond {
            names.append(threadName())
            return HTTPResponse(status: 204)
        }
        #expect(isFirst)
        #expect(!responder.respond(HTTPResponse(status: 500)))
        #expect(client.response()?.head.hasPrefix("HTTP/1.1 204 ") == true)
        #expect(names.takeAll() == ["http"])
    }

    @Test(arguments: [false, true])
    func outlivesClientsThatLeave(byReset: Bool) throws {
        let waiting = Box<HTTPResponder>()
        let daemon = try start { _, responder in waiting.append(responder) }
        for _ in 0..<50 {
            let client = try Client(port: daemon.port)
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(eventually { waiting.count > 0 })
            if byReset { client.abort() }
            _ = consume client
            for responder in waiting.takeAll() {
                responder.respond(HTTPResponse(status: 200, body: [UInt8](repeating: 0x61, count: 100_000)))
            }
        }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { waiting.count == 1 })
        for responder in waiting.takeAll() { responder.respond(HTTPResponse(status: 204)) }
        #expect(client.response()?.head.hasPrefix("HTTP/1.1 204 ") == true)
    }

    @Test func stopAnswersWhatWaitsAndEndsSoon() throws {
        let waiting = Box<HTTPResponder>()
        let daemon = try start { request, responder in
            if request.path == ["wait"] { waiting.append(responder) } else { echo(request, responder) }
        }
        let suspended = try (0..<20).map { _ in try Client(port: daemon.port) }
        for client in suspended { client.send("GET /wait HTTP/1.1\r\nHost: localhost\r\n\r\n") }
        let idle = try (0..<20).map { _ in try Client(port: daemon.port) }
        for client in idle {
            client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(client.response() != nil)
        }
        let fresh = try Client(port: daemon.port)
        let half = try (0..<20).map { _ in try Client(port: daemon.port) }
        for client in half { client.send("PUT / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc") }
        let head = try Client(port: daemon.port)
        head.send("GET / HTTP/1.1\r\nHo")
        #expect(eventually { waiting.count == 20 })

        let begin = ContinuousClock.now
        daemon.stop()
        #expect(ContinuousClock.now - begin < .milliseconds(900))
        for client in suspended {
            let answer = try #require(client.rest())
            #expect(answer.hasPrefix("HTTP/1.1 503 ") && answer.contains("/problems/stopping"))
            #expect(answer.contains("\r\nRetry-After: 1\r\n"))
        }
        for client in idle + [fresh, head] { #expect(client.rest() == "") }
        for client in half {
            // A head that was only read while stopping is answered.
            let answer = client.rest()
            #expect(answer == "" || answer?.hasPrefix("HTTP/1.1 503 ") == true)
        }
        for responder in waiting.takeAll() { #expect(!responder.respond(HTTPResponse(status: 200))) }
    }

    @Test func stopMayRaceWithRequestsAndAnswers() throws {
        for round in 0..<50 {
            let waiting = Box<HTTPResponder>()
            let daemon = try start { _, responder in waiting.append(responder) }
            let port = daemon.port
            let (isDone, answers) = (Counter(), Counter())
            let answering = onThread {
                while isDone.value == 0 {
                    for responder in waiting.takeAll() { responder.respond(HTTPResponse(status: 204)) }
                }
            }
            let asking = onThread {
                guard let client = try? Client(port: port) else { return }
                while client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), client.response() != nil {
                    answers.increment()
                }
            }
            #expect(eventually { answers.value > round })
            let begin = ContinuousClock.now
            daemon.stop()
            #expect(ContinuousClock.now - begin < .seconds(2))
            isDone.increment()
            pthread_join(answering, nil)
            pthread_join(asking, nil)
        }
    }
}

import Glibc
import HTTPDaemon
import HTTPMessage
import Measuring
import Testing

/// What the server counts of what it answers.
@Suite(.timeLimit(.minutes(2))) struct MeterTests {
    private let meter = HTTPMeter()

    private func start(
        _ change: (inout HTTPDaemon.Configuration) -> Void = { _ in }, _ answer: @escaping Answerer
    ) throws -> HTTPDaemon {
        var configuration = HTTPDaemon.Configuration()
        change(&configuration)
        return try HTTPDaemon(configuration: configuration, meter: meter) { request in
            .later { responder in answer(request, responder) }
        }
    }

    private func problems(_ slug: String) -> UInt64? {
        meter.problemCounts.first { $0.slug == slug }?.count
    }

    @Test func countsAnswersByRouteAndTimesThem() throws {
        let daemon = try start { request, responder in
            responder.route = 3
            responder.isHeld = request.path == ["held"]
            responder.respond(HTTPResponse(status: request.path == ["wrong"] ? 404 : 204))
        }
        let client = try Client(port: daemon.port)
        for path in ["right", "wrong", "held", "right"] {
            client.send("GET /\(path) HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(client.response() != nil)
        }
        #expect(meter.statuses(ofRoute: 3) == [0, 3, 0, 1, 0])
        #expect(meter.durations(ofRoute: 3).count == 3)
        #expect(meter.durations(ofRoute: 3).sumNanoseconds > 0)
        #expect(meter.statuses(ofRoute: HTTPMeter.noRoute) == [0, 0, 0, 0, 0])
    }

    @Test func countsWhatIsAnsweredAtOnce() throws {
        let daemon = try HTTPDaemon(configuration: HTTPDaemon.Configuration(), meter: meter) { _ in
            var response = HTTPResponse(status: 200)
            response.route = 5
            return .now(response)
        }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.response() != nil)
        #expect(meter.statuses(ofRoute: 5) == [0, 1, 0, 0, 0])
        #expect(meter.durations(ofRoute: 5).count == 1)
    }

    /// From the head to the answer, whoever gives it.
    @Test func timesUntilTheAnswerIsThere() throws {
        let waiting = Box<HTTPResponder>()
        let daemon = try start { _, responder in
            responder.route = 1
            waiting.append(responder)
        }
        let client = try Client(port: daemon.port)
        client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(eventually { waiting.count == 1 })
        #expect(meter.statuses(ofRoute: 1) == [0, 0, 0, 0, 0])
        #expect(meter.gauges.requests == 1)
        let begin = ContinuousClock.now
        while ContinuousClock.now < begin + .milliseconds(30) {}
        for responder in waiting.takeAll() { responder.respond(HTTPResponse(status: 200)) }
        #expect(client.response() != nil)
        #expect(meter.durations(ofRoute: 1).sumNanoseconds >= 30_000_000)
        #expect(eventually { meter.gauges.requests == 0 })
    }

    @Test func countsWhatIsRefusedByItsProblem() throws {
        let daemon = try start({ $0.bodyLimit = 10 }, echo)
        for (request, slug) in [
            ("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", "foreign-host"),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: http://example.org\r\n\r\n", "foreign-origin"),
            ("GET / HTTP/1.1\r\n\r\n", "malformed-request"),
            ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n", "body-too-large"),
            // Refused in the middle of the body, and one that libmicrohttpd would refuse itself.
            (
                "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n0\r\n\r\n",
                "body-too-large"
            ),
            ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", "malformed-request"),
        ] {
            let before = (problems(slug) ?? 0, meter.statuses(ofRoute: HTTPMeter.noRoute)[3])
            let client = try Client(port: daemon.port)
            client.send(request)
            #expect(client.rest()?.hasPrefix("HTTP/1.1 4") == true, "\(request)")
            #expect(problems(slug) == before.0 + 1, "\(request)")
            #expect(meter.statuses(ofRoute: HTTPMeter.noRoute)[3] == before.1 + 1, "\(request)")
        }
        #expect(problems("too-many-connections") == 0)
    }

    @Test func tellsWhatThereIsToDo() throws {
        #expect(meter.gauges == HTTPGauges(), "there is no server yet")
        let daemon = try start({ $0.connectionLimit = 7 }, echo)
        #expect(meter.gauges.connections == 0)
        #expect(meter.gauges.connectionLimit == 7)
        #expect(meter.gauges.heldOctetLimit == 32 << 20)
        do {
            let clients = try (0..<3).map { _ in try Client(port: daemon.port) }
            #expect(eventually { meter.gauges.connections == 3 })
            #expect(clients.count == 3)
        }
        #expect(eventually { meter.gauges.connections == 0 })
        daemon.stop()
        #expect(meter.gauges == HTTPGauges(), "nothing is left of it")
    }
}

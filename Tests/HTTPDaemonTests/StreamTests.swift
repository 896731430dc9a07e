import Glibc
import HTTPDaemon
import HTTPMessage
import Locking
import Testing

/// Bodies that are sent as they come.
@Suite(.timeLimit(.minutes(2))) struct StreamTests {
    /// A source that tests fill: gives what is there, then waits, or ends.
    private final class Tap: Sendable {
        private struct State {
            var pieces: [BodyPiece] = []
            /// Of those who were told to wait.
            var bells: [BodyBell] = []
            var askedCount = 0
        }

        private let state = Locked(State())
        /// How many sources of this tap there are.
        let sources = Counter()
        let ended = Counter()

        func add(_ piece: BodyPiece) {
            let bells = state.withLock { state in
                state.pieces.append(piece)
                defer { state.bells = [] }
                return state.bells
            }
            for bell in bells { bell.ring() }
        }

        func add(_ text: String) { add(.octets([UInt8](text.utf8))) }

        func take(ringing bell: BodyBell) -> BodyPiece {
            state.withLock { state in
                state.askedCount += 1
                guard state.pieces.isEmpty else { return state.pieces.removeFirst() }
                state.bells.append(bell)
                return .later
            }
        }

        var askedCount: Int { state.withLock { $0.askedCount } }
    }

    private final class Life: Sendable {
        private let tap: Tap
        init(_ tap: Tap) {
            self.tap = tap
            tap.sources.increment()
        }
        deinit { tap.ended.increment() }
    }

    private struct Source: BodySource {
        let tap: Tap
        let life: Life

        init(_ tap: Tap) {
            self.tap = tap
            life = Life(tap)
        }

        mutating func nextPiece(ringing bell: BodyBell) -> BodyPiece { tap.take(ringing: bell) }
    }

    private func start(_ tap: Tap, _ change: (inout HTTPDaemon.Configuration) -> Void = { _ in }) throws -> HTTPDaemon {
        var configuration = HTTPDaemon.Configuration()
        change(&configuration)
        return try HTTPDaemon(configuration: configuration) { request in
            guard request.path == ["stream"] else { return .later { responder in echo(request, responder) } }
            return .now(HTTPResponse(headers: [HTTPField("Content-Type", "text/plain")], stream: Source(tap)))
        }
    }

    private static let large = [UInt8](repeating: 0x78, count: 100_000)

    private let get = "GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n"

    @Test func sendsPiecesAsTheyCome() throws {
        let tap = Tap()
        let daemon = try start(tap)
        let client = try Client(port: daemon.port)
        client.send(get)
        let head = try #require(client.text(upTo: "\r\n\r\n"))
        #expect(head.hasPrefix("HTTP/1.1 200 "))
        #expect(head.contains("\r\nTransfer-Encoding: chunked\r\n") && head.contains("\r\nCache-Control: no-store\r\n"))
        for number in 0..<100 {
            tap.add("piece \(number).")
            #expect(client.text(upTo: ".\r\n")?.hasSuffix("piece \(number).\r\n") == true)
        }
        tap.add(.end)
        #expect(client.text(upTo: "0\r\n\r\n") != nil)
        #expect(eventually { tap.ended.value == 1 })
        // The connection goes on.
        client.send("GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.response()?.body == "GET [\"next\"]  ")
    }

    @Test func sendsAllOfALargePiece() throws {
        let tap = Tap()
        let daemon = try start(tap)
        let large = String(repeating: "0123456789", count: 10_000)
        tap.add(.octets([]))
        tap.add(large)
        tap.add(large)
        tap.add(.end)
        let client = try Client(port: daemon.port)
        client.send("GET /stream HTTP/1.0\r\nHost: localhost\r\n\r\n")
        let all = try #require(client.rest())
        #expect(all.hasSuffix("\r\n\r\n" + large + large), "without chunks, HTTP/1.0 has them to its end")
    }

    @Test func aHeadHasNoBody() throws {
        let tap = Tap()
        let daemon = try start(tap)
        let client = try Client(port: daemon.port)
        client.send("HEAD /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(client.text(upTo: "\r\n\r\n")?.hasPrefix("HTTP/1.1 200 ") == true)
        #expect(eventually { tap.ended.value == 1 })
        #expect(tap.askedCount == 0)
    }

    @Test func asksOnlyForWhatTheClientTakes() throws {
        let tap = Tap()
        let daemon = try start(tap)
        for _ in 0..<1000 { tap.add(.octets(Self.large)) }
        let client = try Client(port: daemon.port)
        tap.add(.end)
        client.send(get)
        #expect(eventually { tap.askedCount > 10 })
        // Others are served while this one takes nothing.
        let other = try Client(port: daemon.port)
        for _ in 0..<100 {
            other.send("GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
            #expect(other.response() != nil)
        }
        let before = tap.askedCount
        #expect(before < 900, "the sockets' buffers hold some megabytes")
        #expect(client.countOctets(upTo: "\r\n0\r\n\r\n") > 100_000_000)
        #expect(eventually { tap.ended.value == 1 })
    }

    @Test func cutsOffAClientThatTakesNothingForTooLong() throws {
        let tap = Tap()
        let daemon = try start(tap) { $0.stalledStreamMilliseconds = 300 }
        for _ in 0..<1000 { tap.add(.octets(Self.large)) }
        let stalled = try Client(port: daemon.port)
        stalled.send(get)
        #expect(eventually { tap.ended.value == 1 })
        #expect(tap.askedCount < 900)
        while case .octets = tap.take(ringing: BodyBell()) {}
        // One with nothing to take is not cut off.
        let quiet = try Client(port: daemon.port)
        quiet.send(get)
        #expect(quiet.text(upTo: "\r\n\r\n") != nil)
        usleep(700_000)
        tap.add("there.")
        #expect(quiet.text(upTo: "there.") != nil)
        #expect(tap.ended.value == 1)
    }

    @Test func noticesClientsThatLeave() throws {
        let tap = Tap()
        let daemon = try start(tap)
        for _ in 0..<20 {
            let client = try Client(port: daemon.port)
            client.send(get)
            #expect(client.text(upTo: "\r\n\r\n") != nil)
            client.abort()
        }
        #expect(
            eventually {
                // Noticed when there is something to send.
                tap.add("x")
                return tap.ended.value == 20
            })
        #expect(tap.sources.value == 20)
    }

    @Test func stopEndsStreamsInOrder() throws {
        let tap = Tap()
        let daemon = try start(tap)
        let clients = try (0..<50).map { _ in try Client(port: daemon.port) }
        for client in clients {
            client.send(get)
            #expect(client.text(upTo: "\r\n\r\n") != nil)
        }
        let begin = ContinuousClock.now
        daemon.stop()
        #expect(ContinuousClock.now - begin < .milliseconds(900))
        for client in clients { #expect(client.rest() == "0\r\n\r\n") }
        #expect(tap.ended.value == 50)
        tap.add("nowhere")
    }

    @Test func stopDoesNotWaitForAClientThatTakesNothing() throws {
        let tap = Tap()
        let daemon = try start(tap)
        for _ in 0..<1000 { tap.add(.octets(Self.large)) }
        let client = try Client(port: daemon.port)
        client.send(get)
        #expect(eventually { tap.askedCount > 10 })
        let begin = ContinuousClock.now
        daemon.stop()
        #expect(ContinuousClock.now - begin < .seconds(2))
        #expect(tap.ended.value == 1)
    }

    @Test func stopMayRaceWithRings() throws {
        for _ in 0..<30 {
            let tap = Tap()
            let daemon = try start(tap)
            let clients = try (0..<4).map { _ in try Client(port: daemon.port) }
            for client in clients { client.send(get) }
            let isDone = Counter()
            let ringing = onThread {
                while isDone.value == 0 { tap.add("x") }
            }
            #expect(eventually { tap.askedCount > 100 })
            daemon.stop()
            isDone.increment()
            pthread_join(ringing, nil)
            #expect(tap.ended.value == tap.sources.value)
        }
    }
}

import HTTPMessage
import Locking

/// What the callbacks of one server share.
final class ServerContext: Sendable {
    private struct Waiting {
        var isStopping = false
        var responders: [ObjectIdentifier: (responder: HTTPResponder, deadline: Int)] = [:]
        /// Requests that the handler has seen and that are not over.
        var requestCount = 0
        /// Of bodies that are sent as they come.
        var bells: [ObjectIdentifier: BodyBell] = [:]
    }

    let configuration: HTTPDaemon.Configuration
    let gate: RequestGate
    let handler: HTTPHandler
    let connections: ConnectionTable
    private let waiting = Locked(Waiting())
    /// Rung when the last request is over and the server stops.
    private let quietBell: Bell

    init(
        configuration: HTTPDaemon.Configuration, port: UInt16, connections: ConnectionTable, quietBell: Bell,
        handler: @escaping HTTPHandler
    ) {
        self.configuration = configuration
        gate = RequestGate(configuration, port: port)
        self.connections = connections
        self.quietBell = quietBell
        self.handler = handler
    }

    static var stopping: Problem {
        Problem(.stopping, detail: "Try again when it is back.").retryAfter(seconds: 1)
    }

    static var tooManyConnections: Problem {
        Problem(.tooManyConnections, detail: "Close some, or use one for several requests.").retryAfter(seconds: 1)
    }

    var isStopping: Bool {
        waiting.withLock { waiting in waiting.isStopping }
    }

    /// Notes that a request goes to the handler.
    func begin() {
        waiting.withLock { waiting in waiting.requestCount += 1 }
    }

    /// Notes that a request waits for its answer; false when the server stops, and then it must not.
    func add(_ responder: HTTPResponder) -> Bool {
        let deadline = responder.patienceMilliseconds.map { MonotonicClock.milliseconds + $0 } ?? .max
        return waiting.withLock { waiting in
            guard !waiting.isStopping else { return false }
            waiting.responders[ObjectIdentifier(responder)] = (responder: responder, deadline: deadline)
            return true
        }
    }

    /// Notes that a body is sent as it comes.
    func add(_ bell: BodyBell) {
        waiting.withLock { waiting in waiting.bells[ObjectIdentifier(bell)] = bell }
    }

    func remove(_ bell: BodyBell) {
        waiting.withLock { waiting in waiting.bells[ObjectIdentifier(bell)] = nil }
    }

    /// Cuts off overdue connections and gives up overdue answers; tells whether there is any connection.
    func sweep(at now: Int) -> Bool {
        let overdue = waiting.withLock { waiting in
            waiting.responders.values.filter { $0.deadline <= now }.map(\.responder)
        }
        for responder in overdue {
            responder.giveUp()
        }
        return connections.sweep(at: now)
    }

    /// Notes that a request which went to the handler is over.
    func end(_ responder: HTTPResponder) {
        let isLast = waiting.withLock { waiting in
            waiting.responders[ObjectIdentifier(responder)] = nil
            waiting.requestCount -= 1
            return waiting.isStopping && waiting.requestCount == 0
        }
        if isLast { quietBell.ring() }
    }

    /// Answers all requests that wait, lets none wait any more, ends what is sent as it comes, and gives the answers some time to leave.
    func stop(milliseconds: Int) {
        let (responders, bells) = waiting.withLock { waiting in
            waiting.isStopping = true
            return (waiting.responders.values.map(\.responder), Array(waiting.bells.values))
        }
        for bell in bells {
            bell.ring()
        }
        for responder in responders {
            responder.respond { HTTPResponse(Self.stopping) }
        }
        let isQuiet = waiting.withLock { waiting in waiting.requestCount == 0 }
        if !isQuiet { quietBell.wait(milliseconds: milliseconds) }
    }
}

import AccessControl
import HTTPMessage
import Locking
import Synchronization

/// What the callbacks of one server share.
final class ServerContext: Sendable {
    private typealias Waiting = [ObjectIdentifier: (responder: HTTPResponder, deadline: Int)]
    private typealias Bells = [ObjectIdentifier: BodyBell]

    let configuration: HTTPDaemon.Configuration
    let gate: RequestGate
    let handler: HTTPHandler
    let connections: ConnectionTable
    /// Who came with wrong tokens.
    let failures = FailureLedger()
    let accessCounters: AccessCounters
    /// What was answered, and how long it took.
    let meter: HTTPMeter
    private let stopping = Atomic(false)
    /// Requests that the handler has seen and that are not over.
    private let requestCount = Atomic(0)
    /// What bodies on their way in and answers on their way out have, small ones aside.
    private let heldOctets = Atomic(0)
    private let waiting = Locked(Waiting())
    /// Of bodies that are sent as they come.
    private let bells = Locked(Bells())
    /// Rung when the last request is over and the server stops.
    private let quietBell: Bell

    init(
        configuration: HTTPDaemon.Configuration, port: UInt16, access: HTTPDaemon.AccessPolicy,
        connections: ConnectionTable, quietBell: Bell, meter: HTTPMeter, handler: @escaping HTTPHandler
    ) {
        self.meter = meter
        self.configuration = configuration
        gate = RequestGate(configuration, port: port, authorizer: Authorizer(access))
        accessCounters = access.counters
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

    static var tooMuchHeld: Problem {
        Problem(.tooMuchHeld, detail: "Others have not sent their bodies or read their answers yet.")
            .retryAfter(seconds: 1)
    }

    static func tooManyRequests(limit: Int, seconds: Int) -> Problem {
        Problem(.tooManyRequests, detail: "The limit is \(limit) a second.").retryAfter(seconds: seconds)
    }

    /// Whether so many octets more may be held.
    func hasRoom(for octets: Int) -> Bool {
        heldOctets.load(ordering: .relaxed) + octets <= configuration.heldOctetsLimit
    }

    func hold(_ octets: Int) {
        heldOctets.add(octets, ordering: .relaxed)
    }

    func release(_ octets: Int) {
        if octets > 0 { heldOctets.subtract(octets, ordering: .relaxed) }
    }

    /// What there is to do.
    var gauges: HTTPGauges {
        var gauges = HTTPGauges()
        gauges.connections = connections.count
        gauges.connectionLimit = configuration.connectionLimit
        gauges.requests = requestCount.load(ordering: .relaxed)
        gauges.streams = bells.withLock { bells in bells.count }
        gauges.heldOctets = heldOctets.load(ordering: .relaxed)
        gauges.heldOctetLimit = configuration.heldOctetsLimit
        return gauges
    }

    var isStopping: Bool { stopping.load(ordering: .sequentiallyConsistent) }

    /// Notes that a request goes to the handler.
    func begin() {
        requestCount.add(1, ordering: .sequentiallyConsistent)
    }

    /// Notes that a request waits for its answer; false when the server stops, and then it must not.
    func add(_ responder: HTTPResponder) -> Bool {
        let deadline = responder.patienceMilliseconds.map { MonotonicClock.milliseconds + $0 } ?? .max
        return waiting.withLock { waiting in
            guard !isStopping else { return false }
            waiting[ObjectIdentifier(responder)] = (responder: responder, deadline: deadline)
            return true
        }
    }

    /// Notes that a body is sent as it comes.
    func add(_ bell: BodyBell) {
        bells.withLock { bells in bells[ObjectIdentifier(bell)] = bell }
    }

    func remove(_ bell: BodyBell) {
        bells.withLock { bells in bells[ObjectIdentifier(bell)] = nil }
    }

    /// Cuts off overdue connections and gives up overdue answers; tells whether there is any connection.
    func sweep(at now: Int) -> Bool {
        let overdue = waiting.withLock { waiting in
            waiting.values.filter { $0.deadline <= now }.map(\.responder)
        }
        for responder in overdue {
            responder.giveUp()
        }
        return connections.sweep(at: now)
    }

    /// Notes that a request waits no more.
    func remove(_ responder: HTTPResponder) {
        waiting.withLock { waiting in waiting[ObjectIdentifier(responder)] = nil }
    }

    /// Notes that a request which went to the handler is over.
    func end() {
        let rest = requestCount.subtract(1, ordering: .sequentiallyConsistent).newValue
        if rest == 0, isStopping { quietBell.ring() }
    }

    /// Answers all requests that wait, lets none wait any more, ends what is sent as it comes, and gives the answers
    /// some time to leave.
    func stop(milliseconds: Int) {
        // Before the lock is taken, so that whoever has it afterwards sees that nothing may wait any more.
        stopping.store(true, ordering: .sequentiallyConsistent)
        let responders = waiting.withLock { waiting in waiting.values.map(\.responder) }
        for responder in responders {
            responder.respond { HTTPResponse(Self.stopping) }
        }
        for bell in bells.withLock({ bells in Array(bells.values) }) {
            bell.ring()
        }
        if requestCount.load(ordering: .sequentiallyConsistent) > 0 { quietBell.wait(milliseconds: milliseconds) }
    }
}

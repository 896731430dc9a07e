package import LinuxSystem
import TCPWire

/// The thread's worth of work that owns all raw sockets: it receives, answers, sends and keeps time.
///
/// Made on any thread, run on one; everything but ``EngineHandle`` is its own.
package struct SegmentEngine: ~Copyable {
    enum Token {
        static let mailbox: UInt64 = 0
        static let timer: UInt64 = 1
        static let witness: UInt64 = 2
        static let namespaces: UInt64 = 3
        /// Sockets have this and what follows.
        static let firstSocket: UInt64 = 4
    }

    /// What the timer is set for.
    enum Deadline {
        /// An answer of a rule may leave.
        case rule(slot: Int, serial: UInt32, rule: Int)
        /// A socket whose transmit queue was full may try again.
        case retry(socket: Int, serial: UInt32)
        /// A paced transmission's next segments are due.
        case transmission(key: UInt64)
        /// Whoever waits for a transmission has waited long enough.
        case waiter(key: UInt64)
        /// More segments may leave.
        case rate
        /// More segments of an endpoint may leave.
        case endpointRate(slot: Int, serial: UInt32)
    }

    /// What the timer is set for on behalf of a run, by its number.
    enum RunDeadline {
        /// The present step's time is up.
        case step(run: UInt64)
        /// Somebody who waits for the end has waited long enough.
        case waiter(run: UInt64, id: UInt64)

        var run: UInt64 {
            switch self {
            case .step(let run), .waiter(let run, _): run
            }
        }
    }

    /// After how many datagrams the engine asks what else there is to do, however much it knows of.
    private static let datagramsWithoutReports = 256

    let handle: EngineHandle
    let epoll: EpollInstance
    let timer: Timer
    var deadlines = DeadlineQueue<Deadline>()
    var armedDeadline: UInt64?

    /// Endpoints by their place.
    var slots: [EndpointRuntime?] = []
    /// The same endpoints, as far as receiving needs them.
    var slotStates = PlainList<SlotState>(capacity: 64)
    var freeSlots: [Int] = []
    var endpointsByID: [String: EndpointRuntime] = [:]
    /// Where to look for the next free name of a role.
    var nextIDNumbers: [EndpointRole: Int] = [:]
    /// The network namespaces in which endpoints run; the service's own is the first.
    var networks = [EngineNetwork()]
    /// Guards in the service's own namespace; the helper has those of the others.
    var guards: GuardTable
    /// How many running endpoints play each address of the service's own namespace.
    var ownAddresses: [IPv4Address: Int] = [:]
    /// Commands that wait for the helper.
    var openings: [UInt64: NamespaceOpening] = [:]
    var nextOpening: UInt64 = 1
    var nextSerial: UInt32 = 1

    var sockets: [EngineSocket?] = []
    var nextSocketSerial: UInt32 = 1
    /// Sockets to read from in this turn.
    var readySockets: [EngineSocket] = []
    /// Those being read from.
    var socketsInTurn: [EngineSocket] = []
    /// Sockets whose batch was filled in this turn.
    var unflushedSockets: [EngineSocket] = []
    /// Sockets whose ports changed in this turn.
    var staleSockets: [EngineSocket] = []
    /// How many datagrams were read since the engine last asked what there is to do.
    var datagramsSinceReports = 0
    var receiveBatch: ReceiveBatch
    /// What the receive batch holds, and whom it is for.
    var addressees = PlainList<Addressee>(capacity: EngineSocket.readBatchSize)
    /// What endpoints have received of it.
    var arrivals = PlainList<Arrival>(capacity: EngineSocket.readBatchSize)
    /// The latest destination of a reply, which was found to be allowed; what is allowed never changes.
    var latestDestination: IPv4Address?
    /// Numbers datagrams that may be fragmented.
    var identification: UInt16 = 0

    /// Whether the capture ring will soon need memory that was never used.
    var lacksCaptureMemory = false

    /// Transmissions that have not ended, by their keys.
    var transmissions: [UInt64: TransmissionRuntime] = [:]
    var nextTransmissionKey: UInt64 = 1
    /// Transmissions that somebody began to wait for in this turn, and until when.
    var newWaiters: [(key: UInt64, deadline: UInt64)] = []
    /// Sockets with transmissions that may send now.
    var transmittingSockets: [EngineSocket] = []

    /// How many octets the segments of these, and of runs, take.
    var queuedOctets = 0

    /// What bounds the segments of all endpoints in a second.
    let rateGate: RateGate?
    /// Whether there is any such bound, of all or of one endpoint.
    let isRateLimited: Bool
    /// How many answers segments between our own endpoints may cause; `nil` without a bound.
    let answerBudgets: AnswerBudgets?

    /// Runs that have not ended, in the order in which they came.
    var runs: [RunRuntime] = []
    /// Those that may have something to do.
    var runsToAdvance: [RunRuntime] = []
    /// Whether a run has ended, so that others may begin.
    var mayBeginRuns = false
    /// The endpoints that runs wait at, by their places.
    var watchedSlots: [Int: (run: RunRuntime, place: Int)] = [:]
    /// The same by their addresses and ports.
    var watchedAddresses: [NetworkPlace: RunEndpoint] = [:]
    /// Apart from the others, because those of a run go when it does.
    var runDeadlines = DeadlineQueue<RunDeadline>()
    /// A datagram that a run looks at.
    var candidate: [UInt8] = []

    /// Endpoints that were started in this turn and are not armed yet.
    var arming: [EndpointRuntime] = []
    /// What has changed in this turn, for the journal.
    var changes: [EngineChange] = []
    /// Whether everything stops because the service ends.
    var isEnding = false
    /// Answers to commands, given when the turn's work is in force.
    var pendingAnswers: [PendingAnswer] = []

    /// An engine that works with these parts; it opens no socket for endpoints yet.
    package init(handle: EngineHandle) throws(Errno) {
        let epoll = try EpollInstance()
        let timer = try Timer()
        let receiveBatch = try ReceiveBatch(capacity: EngineSocket.readBatchSize)
        try epoll.add(handle.mailbox.notifier.descriptor, for: .readable, token: Token.mailbox)
        try epoll.add(timer.descriptor, for: .readable, token: Token.timer)
        try epoll.add(
            handle.namespaces.reports.notifier.descriptor, for: .readable, token: Token.namespaces)
        // Stored last, together: an initializer may not throw once it has
        // stored one noncopyable value and not yet the next.
        self.handle = handle
        self.epoll = epoll
        self.timer = timer
        self.receiveBatch = receiveBatch
        let configuration = handle.configuration
        rateGate = RateGate(perSecond: configuration.segmentsPerSecond)
        isRateLimited = configuration.segmentsPerSecond > 0 || configuration.endpointSegmentsPerSecond > 0
        answerBudgets = AnswerBudgets(perSegment: configuration.answersPerSegment)
        guards = GuardTable(spareDescriptors: handle.configuration.spareDescriptors)
    }

    /// Works until a shut-down command, or until a system call fails that never should.
    package mutating func run() throws(Errno) {
        probeRawSocket()
        var reports: [EpollInstance.Ready] = []
        var isRunning = true
        while isRunning {
            if needsReports {
                try armTimer()
                let isIdle = !hasWork
                if isIdle { requestCaptureMemory() }
                handle.activity.endTurn()
                try epoll.wait(milliseconds: isIdle ? -1 : 0, into: &reports)
                handle.activity.beginTurn()
                datagramsSinceReports = 0
                for report in reports {
                    switch report.token {
                    case Token.mailbox: isRunning = obeyCommands()
                    case Token.timer: meetDeadlines()
                    case Token.witness: takeResets()
                    case Token.namespaces: takeNamespaceReports()
                    default: note(report.events, on: Int(report.token - Token.firstSocket))
                    }
                }
            }
            receiveFromReadySockets()
            completeTurn()
        }
        end()
    }

    /// Whether it is time to ask what else there is to do.
    ///
    /// Not while an endpoint has just answered another of ours: its segment has arrived already.
    private var needsReports: Bool {
        readySockets.isEmpty || !transmittingSockets.isEmpty || datagramsSinceReports >= Self.datagramsWithoutReports
    }

    /// Whether there is something to do without waiting for anything.
    private var hasWork: Bool {
        !readySockets.isEmpty || !runsToAdvance.isEmpty || mayBeginRuns
            || transmittingSockets.contains { $0.obstacle == nil }
    }

    /// Sets the timer to the earliest deadline, if that changed.
    private mutating func armTimer() throws(Errno) {
        // One at the end of all time is never due.
        let first = min(deadlines.earliest ?? .max, runDeadlines.earliest ?? .max)
        let earliest: UInt64? = first == .max ? nil : first
        guard earliest != armedDeadline else { return }
        armedDeadline = earliest
        handle.activity.note(deadline: earliest)
        try timer.arm(at: armedDeadline)
    }

    private mutating func meetDeadlines() {
        timer.clear()
        armedDeadline = nil
        handle.activity.note(deadline: nil)
        let now = Clock.monotonicNanoseconds
        while let due = deadlines.popDue(at: now) {
            switch due {
            case .rule(let slot, let serial, let rule):
                guard let endpoint = slots[slot], endpoint.serial == serial else { continue }
                answerWaiting(endpoint, rule: rule, now: now)
            case .retry(let position, let serial):
                guard sockets.indices.contains(position), let socket = sockets[position], socket.serial == serial
                else { continue }
                retry(socket)
            case .transmission(let key): resume(transmission: key)
            case .waiter(let key): giveUpWaiting(forTransmission: key)
            case .rate: open(rateGate)
            case .endpointRate(let slot, let serial):
                guard let endpoint = slots[slot], endpoint.serial == serial else { continue }
                open(endpoint.rateGate)
            }
        }
        meetRunDeadlines(at: now)
        flushAll()
    }

    /// Notes what a socket is ready for.
    private mutating func note(_ events: EpollInstance.Events, on position: Int) {
        // It may have been closed since the kernel reported it.
        guard sockets.indices.contains(position), let socket = sockets[position] else { return }
        if events.contains(.error) {
            takeNetworkErrors(of: socket)
        }
        if events.contains(.writable), socket.obstacle == .fullBuffer {
            socket.obstacle = nil
            watch(socket)
            flush(socket)
        }
        if events.contains(.readable), !socket.isReady {
            socket.isReady = true
            readySockets.append(socket)
        }
    }

    /// Stops everything and answers every command that still waits.
    private mutating func end() {
        isEnding = true
        for command in handle.mailbox.close() {
            refuse(command)
        }
        abandonOpenings()
        remove(slots.compactMap(\.self))
        answerPending()
        handle.events.postAtOnce(.ended)
    }
}

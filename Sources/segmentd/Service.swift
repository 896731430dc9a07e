import ControlAPI
import Glibc
import HTTPDaemon
import HTTPMessage
import LinuxSystem
import Logging
import SegmentEngine

/// All the threads of the running service.
struct Service: ~Copyable {
    /// How long the end of the log may take.
    private static let logPatienceMilliseconds: CInt = 500

    private let engine: EngineHandle
    private let engineThread: PrivilegedThread
    private let helperThread: PrivilegedThread
    private let state: KeptState?
    private let watchThread: LinuxSystem.Thread
    private let logEnd: ThreadEnd
    private let logger: Logger
    private let daemon: HTTPDaemon

    /// Starts to serve, and to work.
    ///
    /// Before its first other thread it starts those that keep privileges, and gives up its own.
    init(_ options: Options, _ door: FrontDoor, _ logger: Logger) throws {
        let privileges = options.privileges
        let engineThread = try PrivilegedThread(name: "engine", keeping: privileges.engine, logger)
        let helperThread = try PrivilegedThread(name: "namespaces", keeping: privileges.helper, logger)
        try CapabilitySet().limitThread()
        // Before anything else is done, because without it nothing must be; but with no privileges any more, because
        // threads of its library inherit them.
        let state = try options.process.state.map { path in
            try KeptState(path: path, maximumEndpoints: options.capacity.maxEndpoints)
        }
        let engine = try EngineHandle(
            configuration: options.engineConfiguration(port: door.sockets.port), journal: state?.journal)
        let version = ServiceVersion(
            version: BuildInformation.version, commit: BuildInformation.commit, api: BuildInformation.api)
        let meter = HTTPMeter()
        let api = ControlAPI(
            engine: engine, version: version, limits: Self.limits(options), instance: Self.makeInstance(),
            access: door.isGuarded ? door.refusals : nil, state: state?.journal, meter: meter)
        // With nothing to restore there is nothing to wait for: the engine finds what it is asked when its thread begins.
        let relay = HandlerRelay()
        if state == nil { relay.connect(api) }
        // Clients are answered from here on, so that they are told when the rest takes its time.
        let access = HTTPDaemon.AccessPolicy(tokens: door.tokens, counters: door.refusals) { method, path in
            relay.requirement(for: method, path)
        }
        let daemon = try HTTPDaemon(door.sockets, configuration: door.configuration, access: access, meter: meter) {
            request in
            relay.answer(request)
        }

        let logEnd = try ThreadEnd()
        let log = EventLog(events: engine.events, logger: logger, end: logEnd)
        // Not joined: it may be stuck in a write that nobody reads.
        _ = try LinuxSystem.Thread(name: "log", owning: log) { log in log.run() }
        // Until all is as it was, requests are told that the service is starting.
        state?.restore(in: engine) { relay.connect(api) }
        try state?.startKeeping(for: engine)
        engineThread.begin {
            do throws(Errno) {
                var engine = try SegmentEngine(handle: engine)
                try engine.run()
            } catch {
                // The raw sockets are of no use without the thread, and their peers must not think otherwise.
                logger.critical("the engine stopped: \(error)")
                exit(EX_OSERR)
            }
        }
        helperThread.begin {
            do throws(Errno) {
                var helper = try NamespaceHelper(handle: engine)
                try helper.run()
            } catch {
                // Endpoints in other namespaces could neither start nor stop.
                logger.critical("the engine's helper stopped: \(error)")
                exit(EX_OSERR)
            }
        }
        let watcher = try CaptureWatcher(handle: engine)
        let watchThread = try LinuxSystem.Thread(name: "waits", owning: watcher) { watcher in
            do throws(Errno) {
                try watcher.run()
            } catch {
                // Requests that wait would wait for ever.
                logger.critical("waiting for segments stopped: \(error)")
                exit(EX_OSERR)
            }
        }
        door.tell(logger)
        // Stored last, together: an initializer may not throw once it has stored one noncopyable value.
        self.engine = engine
        self.engineThread = engineThread
        self.helperThread = helperThread
        self.state = state
        self.watchThread = watchThread
        self.logEnd = logEnd
        self.logger = logger
        self.daemon = daemon
    }

    /// Stops in order: no new requests, those that wait are answered, then the engine ends.
    ///
    /// - Returns: Whether the log and the state file were written to their ends; what reads the one, or the disk, may
    ///   stand still.
    consuming func stop(onSignal number: Int32) -> Bool {
        engine.events.postAtOnce(.stopping(signal: number))
        daemon.stop()
        engine.shutDown()
        engineThread.join()
        engine.namespaces.shutDown()
        helperThread.join()
        engine.watch.shutDown()
        watchThread.join()
        let isKept = state?.stop() ?? true
        // Only then may we write to the log ourselves, and not wait for ever.
        guard logEnd.wait(milliseconds: Self.logPatienceMilliseconds) else { return false }
        if !isKept, let path = state?.journal.path {
            logger.error("the disk does not answer: the latest changes may not be in \(path)")
        }
        return isKept
    }

    private static func limits(_ options: Options) -> [ServiceLimit] {
        [
            ServiceLimit(name: "ringSegments", value: options.capacity.ringSegments),
            ServiceLimit(name: "ringOctets", value: options.capacity.ringOctets),
            ServiceLimit(name: "endpoints", value: options.capacity.maxEndpoints),
            ServiceLimit(name: "transmissions", value: options.capacity.maxTransmissions),
            ServiceLimit(name: "rememberedTransmissions", value: options.capacity.rememberTransmissions),
            ServiceLimit(name: "queuedOctets", value: options.capacity.maxQueuedOctets),
            // As in the options, 0 is no bound.
            ServiceLimit(name: "segmentsPerSecond", value: options.sending.maxRate),
            ServiceLimit(name: "endpointSegmentsPerSecond", value: options.sending.maxEndpointRate),
            ServiceLimit(name: "answersPerSegment", value: options.sending.maxAnswers),
            ServiceLimit(name: "runs", value: options.capacity.maxRuns),
            ServiceLimit(name: "rememberedRuns", value: options.capacity.rememberRuns),
            ServiceLimit(name: "rememberedRunOctets", value: options.capacity.rememberRunOctets),
            ServiceLimit(name: "waitingCommands", value: options.capacity.maxCommands),
            ServiceLimit(name: "waiters", value: options.capacity.maxWaiters),
            ServiceLimit(name: "receiveBufferOctets", value: options.capacity.receiveBuffer),
        ] + options.http.limits + HTTPDaemon.accessLimits.map { ServiceLimit(name: $0.name, value: $0.value) }
    }

    /// A name that no other start of the service has.
    private static func makeInstance() -> String {
        String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

import CFloor
import LinuxSystem
import SegmentEngine
import TCPWire

/// An engine on a thread of its own, asked one thing after the other.
struct EngineUnderTest: ~Copyable {
    let handle: EngineHandle
    private let thread: Thread
    private let helperThread: Thread

    /// An engine that may send to these prefixes, on a core to measure on.
    init(allowing destinations: [String] = ["127.0.0.0/8"]) throws(BenchmarkError) {
        var configuration = EngineConfiguration()
        configuration.maximumEndpoints = 20_000
        configuration.policy.allowedDestinations = destinations.compactMap { IPv4Prefix($0) }
        let handle: EngineHandle
        do throws(Errno) {
            handle = try EngineHandle(configuration: configuration)
        } catch {
            throw .system("an engine", error)
        }
        let helperThread = try Self.startHelper(handle)
        let thread = try Self.start(handle)
        self.handle = handle
        self.thread = thread
        self.helperThread = helperThread
    }

    /// Starts an engine's thread, which stays on the core that it is started on.
    private static func start(_ handle: EngineHandle) throws(BenchmarkError) -> Thread {
        Core.pin()
        defer { Core.standAside() }
        do throws(Errno) {
            return try Thread(name: "engine", owning: SegmentEngine(handle: handle)) { engine in
                do throws(Errno) {
                    try engine.run()
                } catch {
                    fatalError("the engine stopped: \(error)")
                }
            }
        } catch {
            throw .system("the engine's thread", error)
        }
    }

    /// Starts the thread that looks after what is not for the engine's.
    private static func startHelper(_ handle: EngineHandle) throws(BenchmarkError) -> Thread {
        do throws(Errno) {
            return try Thread(name: "namespaces", owning: NamespaceHelper(handle: handle)) { helper in
                do throws(Errno) {
                    try helper.run()
                } catch {
                    fatalError("the engine's helper stopped: \(error)")
                }
            }
        } catch {
            throw .system("the helper's thread", error)
        }
    }

    /// Ends the engine and waits for its thread.
    consuming func end() {
        handle.shutDown()
        thread.join()
        handle.namespaces.shutDown()
        helperThread.join()
    }

    @discardableResult
    func create(_ definitions: [EndpointDefinition]) throws(BenchmarkError) -> [EndpointRecord] {
        try ask { .create(definitions, $0) }
    }

    func remove(_ id: String) throws(BenchmarkError) {
        _ = try ask { .remove(id: id, $0) }
    }

    func removeAll() throws(BenchmarkError) {
        _ = try ask { .reset($0) }
    }

    /// Sends a plan to its end.
    func send(_ plan: TransmissionPlan, from id: String) throws(BenchmarkError) -> TransmissionRecord {
        try ask { .send(plan, from: id, waitNanoseconds: 60_000_000_000, $0) }
    }

    /// Holds the engine's thread while `body` runs, and answers the time at which it went on.
    func holding(_ body: () throws(BenchmarkError) -> Void) throws(BenchmarkError) -> Int64 {
        let held = Reply<Void>()
        let release = Reply<Void>()
        let resumed = Reply<Int64>()
        let hold: @Sendable () -> Void = {
            held.give(())
            release.wait()
            resumed.give(cfloor_time())
        }
        guard handle.post(.ping(hold)) else { throw .unexpected("the engine takes no command") }
        held.wait()
        do throws(BenchmarkError) {
            try body()
        } catch {
            release.give(())
            throw error
        }
        release.give(())
        return resumed.wait()
    }

    /// How many segments the engine has received at a time on its thread.
    struct Reading: Sendable {
        var time: Int64
        var received: UInt64
    }

    /// The time on the engine's thread, and how far it is.
    func reading() throws(BenchmarkError) -> Reading {
        let totals = handle.totals
        let reply = Reply<Reading>()
        let answer: @Sendable () -> Void = {
            reply.give(Reading(time: cfloor_time(), received: totals.segmentsReceived))
        }
        guard handle.post(.ping(answer)) else { throw .unexpected("the engine takes no command") }
        return reply.wait()
    }

    /// The time on the engine's thread.
    func time() throws(BenchmarkError) -> Int64 {
        try reading().time
    }

    /// Waits until the engine has received so many segments in all, and answers how far it was shortly before.
    ///
    /// Looks seldom and sleeps in between: each look takes the engine some microseconds, and what are two cores to this
    /// machine may be one to its host, where a thread that spins would slow down the one that is measured.
    @discardableResult
    func wait(untilReceived count: UInt64) throws(BenchmarkError) -> Reading {
        let deadline = Clock.monotonicNanoseconds + 5_000_000_000
        var latest = try reading()
        while true {
            Pause.milliseconds(4)
            let now = try reading()
            guard now.received < count else { return latest }
            guard Clock.monotonicNanoseconds < deadline else {
                throw .unexpected("\(now.received) of \(count) segments were received")
            }
            latest = now
        }
    }

    private func ask<Success: Sendable>(
        _ command: (@escaping EngineCommand.Completion<Success>) -> EngineCommand
    ) throws(BenchmarkError) -> Success {
        let reply = Reply<Result<Success, EngineError.Located>>()
        guard handle.post(command { reply.give($0) }) else { throw .unexpected("the engine takes no command") }
        switch reply.wait() {
        case .success(let success): return success
        case .failure(let error): throw .engine(error.error)
        }
    }
}

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

    /// Holds the engine's thread while `body` runs, and answers the processor time of that thread when it went on.
    func holding(_ body: () throws(BenchmarkError) -> Void) throws(BenchmarkError) -> Int64 {
        let held = Reply<Void>()
        let release = Reply<Void>()
        let resumed = Reply<Int64>()
        let hold: @Sendable () -> Void = {
            held.give(())
            release.wait()
            resumed.give(cfloor_processor_time())
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

    /// The time on the engine's thread.
    func time() throws(BenchmarkError) -> Int64 {
        try ask(cfloor_time)
    }

    /// The processor time that the engine's thread has taken.
    func processorTime() throws(BenchmarkError) -> Int64 {
        try ask(cfloor_processor_time)
    }

    /// Waits until the engine has received so many segments in all.
    ///
    /// Does not ask the engine, and sleeps in between: what are two cores to this machine may be one to its host, where
    /// a thread that spins would slow down the one that is measured.
    func wait(untilReceived count: UInt64) throws(BenchmarkError) {
        let deadline = Clock.monotonicNanoseconds + 5_000_000_000
        while handle.totals.segmentsReceived < count {
            guard Clock.monotonicNanoseconds < deadline else {
                throw .unexpected("\(handle.totals.segmentsReceived) of \(count) segments were received")
            }
            Pause.milliseconds(4)
        }
    }

    private func ask(_ clock: @escaping @Sendable () -> Int64) throws(BenchmarkError) -> Int64 {
        let reply = Reply<Int64>()
        guard handle.post(.ping { reply.give(clock()) }) else { throw .unexpected("the engine takes no command") }
        return reply.wait()
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

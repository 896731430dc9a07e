import CFloor
import LinuxSystem
import SegmentEngine
import TCPWire

/// An engine on a thread of its own, asked one thing after the other.
struct EngineUnderTest: ~Copyable {
    let handle: EngineHandle
    private let thread: Thread

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
        let thread = try Self.start(handle)
        self.handle = handle
        self.thread = thread
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

    /// Ends the engine and waits for its thread.
    consuming func end() {
        handle.shutDown()
        thread.join()
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

    /// The time on the engine's thread.
    func time() throws(BenchmarkError) -> Int64 {
        let time = Reply<Int64>()
        guard handle.post(.ping({ time.give(cfloor_time()) })) else { throw .unexpected("the engine takes no command") }
        return time.wait()
    }

    /// Waits until the engine has received so many segments, and answers the time on its thread, to 20 µs.
    func wait(untilReceived count: UInt64) throws(BenchmarkError) -> Int64 {
        let deadline = Clock.monotonicNanoseconds + 5_000_000_000
        while true {
            let now = Clock.monotonicNanoseconds
            // Seldom, because each look takes the count away from the core that counts.
            while Clock.monotonicNanoseconds < now + 20_000 {}
            guard handle.totals.segmentsReceived < count else { return try time() }
            guard now < deadline else {
                throw .unexpected("\(handle.totals.segmentsReceived) of \(count) segments were received")
            }
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

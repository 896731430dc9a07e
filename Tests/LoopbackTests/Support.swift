import Glibc
import LinuxSystem
import SegmentEngine
import Synchronization
import TCPWire

/// An engine on a thread of its own, and what a control plane does with it.
final class Bench {
    let handle: EngineHandle
    private var thread: Thread?
    private var helperThread: Thread?

    /// An engine that may send to 127.0.0.0/8, within small bounds unless `change` makes them larger.
    init(_ change: (inout EngineConfiguration) -> Void = { _ in }) throws(Errno) {
        var configuration = EngineConfiguration()
        configuration.ringSegments = 65_536
        configuration.ringOctets = 16 << 20
        configuration.policy.allowedDestinations = IPv4Prefix("127.0.0.0/8").map { [$0] } ?? []
        change(&configuration)
        let handle = try EngineHandle(configuration: configuration)
        self.handle = handle
        thread = try Thread(name: "engine-test", owning: SegmentEngine(handle: handle)) { engine in
            do throws(Errno) {
                try engine.run()
            } catch {
                fatalError("the engine stopped: \(error)")
            }
        }
        helperThread = try Thread(name: "helper-test", owning: NamespaceHelper(handle: handle)) { helper in
            do throws(Errno) {
                try helper.run()
            } catch {
                fatalError("the engine's helper stopped: \(error)")
            }
        }
    }

    deinit {
        handle.shutDown()
        if let thread = thread.take() { thread.join() }
        handle.namespaces.shutDown()
        if let helperThread = helperThread.take() { helperThread.join() }
    }

    /// Asks the engine, and waits for its answer.
    func ask<Success: Sendable>(
        _ command: (@escaping EngineCommand.Completion<Success>) -> EngineCommand
    ) async throws(EngineError) -> Success {
        let result: Result<Success, EngineError.Located> = await withCheckedContinuation { continuation in
            let posted = handle.post(command { continuation.resume(returning: $0) })
            if !posted { continuation.resume(returning: .failure(.init(.stopping))) }
        }
        switch result {
        case .success(let success): return success
        case .failure(let located): throw located.error
        }
    }

    @discardableResult
    func create(_ definition: EndpointDefinition) async throws(EngineError) -> EndpointRecord {
        let created = try await ask { .create([definition], $0) }
        guard let endpoint = created.first else { throw .stopping }
        return endpoint
    }

    @discardableResult
    func remove(_ id: String) async throws(EngineError) -> EndpointRecord {
        try await ask { .remove(id: id, $0) }
    }

    /// Sends a segment from an endpoint, and waits until it has left or failed.
    @discardableResult
    func send(_ template: SegmentTemplate, from id: String) async throws(EngineError) -> TransmissionRecord {
        try await send(TransmissionPlan(steps: [.init(template)]), from: id)
    }

    /// Sends segments from an endpoint, and waits until they have left or failed.
    @discardableResult
    func send(_ plan: TransmissionPlan, from id: String) async throws(EngineError) -> TransmissionRecord {
        try await ask { .send(plan, from: id, waitNanoseconds: 60_000_000_000, $0) }
    }

    /// Holds the engine while `body` runs, so that it reads together what arrives meanwhile.
    func holding(_ body: () -> Void) {
        let (isHeld, isReleased) = (Flag(), Flag())
        guard
            handle.post(
                .ping {
                    isHeld.raise()
                    while !isReleased.isRaised { usleep(100) }
                })
        else { return }
        while !isHeld.isRaised { usleep(100) }
        body()
        isReleased.raise()
    }

    /// Lets the engine finish the turns it has begun.
    func settle() async {
        for _ in 0..<3 {
            await withCheckedContinuation { continuation in
                if !handle.post(.ping { continuation.resume() }) { continuation.resume() }
            }
        }
    }

    /// What an endpoint captured, as octets; not to be asked for while the engine is held.
    func datagrams(_ endpoint: EndpointRecord, _ direction: CaptureQuery.Direction = .received) -> [[UInt8]] {
        // What is received is counted a moment before it is kept, in the same turn.
        holding {}
        let query = CaptureQuery(
            subject: .init(endpoint: endpoint.serial, socket: endpoint.socket?.serial), direction: direction,
            limit: 100_000)
        guard let page = try? handle.captures.page(for: query) else { return [] }
        return page.items.map { item in
            let octets = page.datagram(item)
            return octets.indices.map { octets[$0] }
        }
    }
}

/// What one thread tells others, once.
final class Flag: Sendable {
    private let state = Atomic(false)

    var isRaised: Bool { state.load(ordering: .acquiring) }

    func raise() {
        state.store(true, ordering: .releasing)
    }
}

/// Looks again and again, for at most so many seconds, whether something has come true.
func eventually(seconds: Double = 10, _ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if condition() { return true }
        usleep(500)
    }
    return condition()
}

extension EndpointDefinition {
    /// An endpoint that answers nothing and is not guarded.
    static func quiet(
        _ id: String, port: UInt16, remote: UInt16?, change: (inout EndpointDefinition) -> Void = { _ in }
    ) -> EndpointDefinition {
        var definition = EndpointDefinition(preset: .server)
        definition.id = id
        definition.local.port = port
        definition.remote = remote.map { .loopback($0) }
        definition.rules = []
        definition.guardChoice = .exactly(.md5)
        change(&definition)
        return definition
    }
}

extension OutcomeCounts {
    /// Those that came up.
    var present: [SendOutcome: UInt64] {
        var present: [SendOutcome: UInt64] = [:]
        for outcome in SendOutcome.allCases where self[outcome] > 0 { present[outcome] = self[outcome] }
        return present
    }
}

extension TransportAddress {
    static func loopback(_ port: UInt16) -> TransportAddress {
        TransportAddress(address: .loopback, port: port)
    }
}

/// A generator that repeats itself from a seed (SplitMix64), so that a failing
/// case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    mutating func octets(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

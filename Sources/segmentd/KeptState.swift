import ControlAPI
import Glibc
import LinuxSystem
import SegmentEngine
import StateStore

/// What is kept across restarts.
struct KeptState: Sendable {
    /// How long the end of what is written may take.
    private static let endPatienceMilliseconds: CInt = 2_000

    let journal: StateJournal
    /// Rung when all is written, or cannot be.
    private let end: ThreadEnd
    private let restored: RestoredState

    /// Reads a file, or makes one where there is none; one with more endpoints than there may be is refused.
    init(path: String, maximumEndpoints: Int) throws {
        let store: StateStore
        let stored: StoredState
        do throws(StateStoreError) {
            store = try StateStore(path: path)
            stored = try store.read()
        } catch {
            throw StateError(error, in: path)
        }
        guard stored.endpoints.count <= maximumEndpoints else {
            throw StateError(
                "it has \(stored.endpoints.count) endpoints, and --max-endpoints allows \(maximumEndpoints)", in: path)
        }
        do throws(RestoredState.NotUnderstood) {
            restored = try RestoredState(stored)
        } catch {
            throw StateError("\(error)", in: path)
        }
        journal = try StateJournal(store: store)
        end = try ThreadEnd()
    }

    /// Shows what is known of earlier transmissions and runs, before the engine's thread begins, and has it bring
    /// back the endpoints, first of all; `ready` is called when they are.
    func restore(in engine: EngineHandle, ready: @escaping @Sendable () -> Void) {
        restored.publish(in: engine, journal: journal)
        _ = engine.post(.restore(restored.endpoints, reason: RestoredState.reason, ready))
    }

    /// Starts the threads that keep what changes from now on, and tell when that takes too long.
    ///
    /// They are not joined: a write may be stuck in the kernel.
    func startKeeping(for engine: EngineHandle) throws(Errno) {
        let path = journal.path
        let report: @Sendable (StateStoreError?) -> Void = { failure in
            let event = failure.map { EngineEvent.stateNotKept(reason: "\(path): \($0)") } ?? .stateKept
            _ = engine.events.post(event)
        }
        _ = try LinuxSystem.Thread(name: "state", owning: self) { state in
            do throws(Errno) {
                try state.journal.run(reporting: report)
            } catch {
                // Requests would wait for ever.
                report(.failed("\(error)"))
                exit(EX_OSERR)
            }
            state.end.notifier.ring()
        }
        _ = try LinuxSystem.Thread(name: "state watch", owning: journal) { journal in
            do throws(Errno) {
                try journal.watch(reporting: report)
            } catch {
                report(.failed("\(error)"))
                exit(EX_OSERR)
            }
        }
    }

    /// Ends what is written, for so long at most; `false` when it did not end.
    func stop() -> Bool {
        journal.shutDown()
        return end.wait(milliseconds: Self.endPatienceMilliseconds)
    }
}

import ControlAPI
import Glibc
import LinuxSystem
import SegmentEngine
import StateStore

/// What is kept across restarts.
struct KeptState: Sendable {
    let journal: StateJournal
    private let restored: RestoredState

    /// Reads a file, or makes one where there is none.
    init(path: String) throws {
        let store: StateStore
        let stored: StoredState
        do throws(StateStoreError) {
            store = try StateStore(path: path)
            stored = try store.read()
        } catch {
            throw StateError(error, in: path)
        }
        do throws(RestoredState.NotUnderstood) {
            restored = try RestoredState(stored)
        } catch {
            throw StateError("\(error)", in: path)
        }
        journal = try StateJournal(store: store)
    }

    /// Shows what is known of earlier transmissions and runs, before the engine's thread begins, and has it bring
    /// back the endpoints, first of all; `ready` is called when they are.
    func restore(in engine: EngineHandle, ready: @escaping @Sendable () -> Void) {
        restored.publish(in: engine, journal: journal)
        _ = engine.post(.restore(restored.endpoints, reason: RestoredState.reason, ready))
    }

    /// The thread that keeps what changes from now on.
    func startKeeping(for engine: EngineHandle) throws(Errno) -> LinuxSystem.Thread {
        try LinuxSystem.Thread(name: "state", owning: journal) { journal in
            do throws(Errno) {
                try journal.run { failure in
                    let event = failure.map { EngineEvent.stateNotKept(reason: "\(journal.path): \($0)") } ?? .stateKept
                    _ = engine.events.post(event)
                }
            } catch {
                // Requests would wait for ever.
                _ = engine.events.post(.stateNotKept(reason: "\(journal.path): \(error)"))
                exit(EX_OSERR)
            }
        }
    }
}

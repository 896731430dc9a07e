package import LinuxSystem
import Locking

/// Commands on their way to the engine's thread, in order and bounded in number.
///
/// Any thread posts. The engine's thread takes them all when the notifier's
/// descriptor becomes readable.
package final class CommandMailbox<Command: Sendable>: Sendable {
    package let notifier: EventNotifier
    private let capacity: Int
    private let state = Locked(State())

    private struct State {
        var pending: [Command] = []
        var isClosed = false
    }

    package init(capacity: Int) throws(Errno) {
        self.capacity = capacity
        notifier = try EventNotifier()
    }

    /// Queues `command` and wakes the engine; `false` when the mailbox is full or closed.
    package func post(_ command: Command) -> Bool {
        let queued = state.withLock { state in
            guard !state.isClosed, state.pending.count < capacity else { return false }
            state.pending.append(command)
            return true
        }
        if queued {
            notifier.ring()
        }
        return queued
    }

    /// Queues `command` whatever the capacity, and wakes the engine.
    package func postAtOnce(_ command: Command) {
        state.withLock { state in state.pending.append(command) }
        notifier.ring()
    }

    /// Takes every queued command; for the engine's thread only.
    package func takeAll() -> [Command] {
        // Cleared first: a command that arrives after the taking rings again.
        notifier.clear()
        return state.withLock { state in
            let taken = state.pending
            state.pending = []
            return taken
        }
    }

    /// Takes every queued command and lets no more in.
    package func close() -> [Command] {
        state.withLock { state in
            let taken = state.pending
            state = State(isClosed: true)
            return taken
        }
    }
}

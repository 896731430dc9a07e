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
        /// Since when there has been something to take, or a knock; `nil` when there is nothing.
        var waitingSince: UInt64?
        var isClosed = false

        mutating func noteWaiting() {
            if waitingSince == nil { waitingSince = Clock.monotonicNanoseconds }
        }
    }

    package init(capacity: Int) throws(Errno) {
        self.capacity = capacity
        notifier = try EventNotifier()
    }

    /// How many commands are queued.
    package var count: Int {
        state.withLock { state in state.pending.count }
    }

    /// Since when, by the monotonic clock, commands or a knock have waited to be taken; `nil` when nothing waits.
    package var waitingSince: UInt64? {
        state.withLock { state in state.waitingSince }
    }

    /// Wakes the engine, which shows by taking what there is that it turns.
    package func knock() {
        state.withLock { state in
            if !state.isClosed { state.noteWaiting() }
        }
        notifier.ring()
    }

    /// Queues `command` and wakes the engine; `false` when the mailbox is full or closed.
    package func post(_ command: Command) -> Bool {
        let queued = state.withLock { state in
            guard !state.isClosed, state.pending.count < capacity else { return false }
            state.pending.append(command)
            state.noteWaiting()
            return true
        }
        if queued {
            notifier.ring()
        }
        return queued
    }

    /// Queues `command` whatever the capacity, and wakes the engine.
    package func postAtOnce(_ command: Command) {
        state.withLock { state in
            state.pending.append(command)
            state.noteWaiting()
        }
        notifier.ring()
    }

    /// Takes every queued command; for the engine's thread only.
    package func takeAll() -> [Command] {
        // Cleared first: a command that arrives after the taking rings again.
        notifier.clear()
        return state.withLock { state in
            let taken = state.pending
            state.pending = []
            state.waitingSince = nil
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

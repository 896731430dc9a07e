import Locking

/// What the source of a body rings when it has something to give at last.
package final class BodyBell: Sendable {
    private enum State {
        case silent
        case rung
        /// Nobody asks again until `wake` is called.
        case awaited(wake: @Sendable () -> Void)
        case finished
    }

    private let state = Locked(State.silent)
    private let waking = Waking()

    package init() {}

    /// Has the source asked again; several rings before that are one.
    package func ring() {
        waking.wake {
            state.withLock { state in
                switch state {
                case .silent:
                    state = .rung
                    return nil
                case .awaited(let wake):
                    state = .silent
                    return wake
                case .rung, .finished: return nil
                }
            }
        }
    }

    /// Sees to it that `wake` is called, on the ringing thread, at the next ring.
    ///
    /// False when it has been rung already; then neither closure is called. Otherwise `suspend` is called before this
    /// returns, and before `wake` is. Neither may use the bell.
    package func wait(suspend: () -> Void = {}, wake: @escaping @Sendable () -> Void) -> Bool {
        state.withLock { state in
            switch state {
            case .silent, .awaited:
                suspend()
                state = .awaited(wake: wake)
                return true
            case .rung:
                state = .silent
                return false
            case .finished: return false
            }
        }
    }

    /// Lets rings go nowhere from now on, and nobody be woken any more.
    package func finish() {
        state.withLock { state in state = .finished }
        waking.settle()
    }
}

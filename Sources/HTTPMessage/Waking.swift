import Locking

/// Wakes a thread that may go away once it has been woken.
///
/// It is woken outside the lock under which that was found out: the woken thread may run at once, in the place of the
/// one that wakes it, and would only run into that lock.
struct Waking: ~Copyable, Sendable {
    struct Turn {}

    private let turn = Locked(Turn())

    /// Calls what `find` returns, if anything.
    func wake(_ find: () -> (@Sendable () -> Void)?) {
        turn.withLock { _ in find()?() }
    }

    /// Waits for a wake that goes on, so that its thread can go away.
    func settle() {
        turn.withLock { _ in }
    }
}

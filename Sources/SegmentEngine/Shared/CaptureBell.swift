import LinuxSystem
import Synchronization

/// Tells the thread that watches the ring that there is something new in it.
///
/// While nobody watches, the engine pays for it with one relaxed load a batch.
final class CaptureBell: Sendable {
    let notifier: EventNotifier
    private let isArmed = Atomic(false)

    init() throws(Errno) {
        notifier = try EventNotifier()
    }

    /// Asks to be told of the next change; comes before looking at the ring.
    ///
    /// Relaxed is enough: the ring's lock, which the watcher takes next, puts this before every later writing.
    func arm() {
        isArmed.store(true, ordering: .relaxed)
    }

    func disarm() {
        isArmed.store(false, ordering: .relaxed)
    }

    /// Rings once for each arming; for the engine, after it has written to the ring or removed an endpoint.
    @inline(__always)
    func strike() {
        guard isArmed.load(ordering: .relaxed), isArmed.exchange(false, ordering: .relaxed) else { return }
        notifier.ring()
    }
}

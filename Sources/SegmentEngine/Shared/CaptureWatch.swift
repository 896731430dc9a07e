import LinuxSystem
import Locking

/// Where readers wait for segments; a ``CaptureWatcher`` answers them.
package final class CaptureWatch: Sendable {
    /// Called once, on the watcher's thread, with what was found; must be quick, and must not encode.
    package typealias Completion = @Sendable (CaptureReading) -> Void

    /// A reader who waits.
    struct Waiter: Sendable {
        var reading: CaptureReading
        /// When it is answered at the latest, by the monotonic clock.
        let deadline: UInt64
        let completion: Completion
        /// Whether its endpoint is gone, so that nothing more can come.
        var isInVain = false
    }

    private struct State {
        var arrived: [Waiter] = []
        var isClosed = false
    }

    /// The places of all requests that are held, whatever they wait for.
    package let places: WaitingPlaces
    let bell: CaptureBell
    private let state = Locked(State())

    init(placeLimit: Int) throws(Errno) {
        places = WaitingPlaces(limit: placeLimit)
        bell = try CaptureBell()
    }

    /// Waits until a reading is satisfied, its endpoint is gone, or so many nanoseconds have passed.
    ///
    /// Nothing is ever answered once the watch is over.
    package func wait(_ reading: CaptureReading, nanoseconds: UInt64, _ completion: @escaping Completion) {
        let now = Clock.monotonicNanoseconds
        let waiter = Waiter(
            reading: reading, deadline: now &+ min(nanoseconds, .max - now), completion: completion)
        state.withLock { state in
            guard !state.isClosed else { return }
            state.arrived.append(waiter)
        }
        bell.notifier.ring()
    }

    /// Ends the watch.
    package func shutDown() {
        state.withLock { state in state = State(isClosed: true) }
        bell.notifier.ring()
    }

    /// Takes those who have begun to wait; `nil` when the watch is over.
    func takeArrived() -> [Waiter]? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            defer { state.arrived = [] }
            return state.arrived
        }
    }
}

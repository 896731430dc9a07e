import LinuxSystem
package import Measuring
import Synchronization

/// What the engine's thread is doing, so that others see when it stands still; it tells, any thread reads.
package final class EngineActivity: Sendable {
    /// For how long the engine worked each time, from when it was woken until it slept or asked what else there is.
    package let turns = DurationHistogram()
    /// When the present turn began; 0 while there is none.
    private let turnBegan = Atomic<UInt64>(0)
    /// When the timer is to wake the engine; `.max` for never.
    private let deadline = Atomic<UInt64>(.max)

    package init() {}

    /// Notes that the engine is awake.
    func beginTurn(at now: UInt64 = Clock.monotonicNanoseconds) {
        turnBegan.store(now, ordering: .relaxed)
    }

    /// Notes that the engine is about to sleep, or to ask what else there is to do.
    func endTurn(at now: UInt64 = Clock.monotonicNanoseconds) {
        let began = turnBegan.load(ordering: .relaxed)
        guard began != 0 else { return }
        turns.add(nanoseconds: now &- began)
        turnBegan.store(0, ordering: .relaxed)
    }

    /// Notes when the engine wants to be woken; `nil` for never.
    func note(deadline: UInt64?) {
        self.deadline.store(deadline ?? .max, ordering: .relaxed)
    }

    /// For how long the engine has had something to do and not been done with it, in nanoseconds: its present turn, or
    /// a deadline that has passed; 0 while it sleeps because there is nothing.
    func overdueNanoseconds(at now: UInt64) -> UInt64 {
        let began = turnBegan.load(ordering: .relaxed)
        let since = began == 0 ? deadline.load(ordering: .relaxed) : began
        return since < now ? now - since : 0
    }
}

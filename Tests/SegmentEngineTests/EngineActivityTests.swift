import LinuxSystem
import Measuring
import Testing

@testable import SegmentEngine

@Suite struct EngineActivityTests {
    private let activity = EngineActivity()

    @Test func nothingIsOverdueWhileThereIsNothingToDo() {
        #expect(activity.overdueNanoseconds(at: 1_000) == 0)
        #expect(activity.turns.snapshot.count == 0)
        activity.endTurn(at: 5)
        #expect(activity.turns.snapshot.count == 0, "a turn that never began")
    }

    @Test func aTurnIsMeasuredFromItsBeginningToItsEnd() {
        activity.beginTurn(at: 1_000)
        #expect(activity.overdueNanoseconds(at: 1_000) == 0)
        #expect(activity.overdueNanoseconds(at: 31_000) == 30_000)
        activity.endTurn(at: 41_000)
        #expect(activity.overdueNanoseconds(at: 9_000_000) == 0)
        let turns = activity.turns.snapshot
        #expect(turns.count == 1)
        #expect(turns.sumNanoseconds == 40_000)
        #expect(turns.counts[2] == 1, "more than 25 µs and at most 50")
    }

    @Test func aDeadlineThatHasPassedIsOverdue() {
        activity.note(deadline: 5_000)
        #expect(activity.overdueNanoseconds(at: 4_000) == 0)
        #expect(activity.overdueNanoseconds(at: 5_000) == 0)
        #expect(activity.overdueNanoseconds(at: 7_000) == 2_000)
        activity.beginTurn(at: 6_000)
        #expect(activity.overdueNanoseconds(at: 7_000) == 1_000, "it is being seen to")
        activity.note(deadline: nil)
        activity.endTurn(at: 8_000)
        #expect(activity.overdueNanoseconds(at: .max) == 0)
    }

    /// Whoever looks has the engine woken; what does not come of that shows at the next look.
    @Test func anEngineThatDoesNotComeWhenCalledIsSeen() throws {
        var configuration = EngineConfiguration()
        (configuration.ringSegments, configuration.ringOctets) = (1, 65_535)
        let engine = try EngineHandle(configuration: configuration)
        #expect(engine.lookForStalling() == 0)
        let called = try #require(engine.mailbox.waitingSince)
        let bound = Clock.monotonicNanoseconds
        let stalled = engine.lookForStalling()
        #expect(stalled >= bound - called && stalled <= Clock.monotonicNanoseconds - called)
        #expect(engine.mailbox.waitingSince == called)
        _ = engine.takePosted()
        #expect(engine.lookForStalling() == 0)
    }
}

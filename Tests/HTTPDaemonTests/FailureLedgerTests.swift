import Testing

@testable import HTTPDaemon

struct FailureLedgerTests {
    private let ledger = FailureLedger()

    @Test func holdsEachFurtherFailureBackForLonger() {
        let caller = Caller.Name.address(1)
        let delays = (0..<8).map { _ in
            defer { ledger.release(caller) }
            return ledger.react(to: caller, at: 0)
        }
        #expect(delays == [250, 500, 1000, 2000, 4000, 5000, 5000, 5000].map { .hold(milliseconds: $0) })
        #expect(ledger.react(to: .address(2), at: 0) == .hold(milliseconds: 250))
        #expect(ledger.react(to: .user(1), at: 0) == .hold(milliseconds: 250))
    }

    @Test func survivesAsManyFailuresAsMayCome() {
        let caller = Caller.Name.user(0)
        for _ in 0..<100_000 {
            if case .hold = ledger.react(to: caller, at: 0) { ledger.release(caller) }
        }
        #expect(ledger.react(to: caller, at: 0) == .hold(milliseconds: 5000))
    }

    @Test func startsAfreshAfterAMinute() {
        let caller = Caller.Name.address(1)
        for now in [0, 60_000] {
            _ = ledger.react(to: caller, at: now)
            ledger.release(caller)
        }
        #expect(ledger.react(to: caller, at: 60_000) == .hold(milliseconds: 1000))
        ledger.release(caller)
        #expect(ledger.react(to: caller, at: 120_001) == .hold(milliseconds: 250))
    }

    @Test func holdsBackFourOfACallerAndTurnsTheOthersAway() {
        let caller = Caller.Name.address(1)
        let reactions = (0..<6).map { _ in ledger.react(to: caller, at: 0) }
        #expect(
            reactions == [250, 500, 1000, 2000].map { .hold(milliseconds: $0) }
                + [.turnAway(seconds: 4), .turnAway(seconds: 5)])
        ledger.release(caller)
        #expect(ledger.react(to: caller, at: 0) == .hold(milliseconds: 5000))
    }

    @Test func holdsBackSixtyFourInAll() {
        let held = (0..<64).map { ledger.react(to: .address($0 / 4), at: 0) }
        #expect(held.allSatisfy { if case .hold = $0 { true } else { false } })
        #expect(ledger.react(to: .address(99), at: 0) == .turnAway(seconds: 1))
        ledger.release(.address(0))
        #expect(ledger.react(to: .address(99), at: 0) == .hold(milliseconds: 500))
    }

    /// Of more callers than it has room for it forgets the one who failed longest ago, and none who waits.
    @Test func forgetsTheOldest() {
        for address in UInt32(0)..<1024 {
            #expect(ledger.react(to: .address(address), at: Int(address)) == .hold(milliseconds: 250))
            // The very first goes on waiting.
            if address > 0 { ledger.release(.address(address)) }
        }
        #expect(ledger.react(to: .address(5000), at: 1024) == .hold(milliseconds: 250))
        ledger.release(.address(5000))
        #expect(ledger.react(to: .address(0), at: 1025) == .hold(milliseconds: 500))
        #expect(ledger.react(to: .address(2), at: 1026) == .hold(milliseconds: 500))
        // Forgotten for the sake of the one that was new.
        #expect(ledger.react(to: .address(1), at: 1027) == .hold(milliseconds: 250))
    }
}

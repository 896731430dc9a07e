import LinuxSystem
import Testing

@Suite struct TimerTests {
    @Test func goesOffAtItsTimeAndNotBefore() throws {
        let epoll = try EpollInstance()
        let timer = try Timer()
        try epoll.add(timer.descriptor, for: .readable, token: 7)
        #expect(try epoll.ready(within: 0).isEmpty)
        let deadline = Clock.monotonicNanoseconds + 20_000_000
        try timer.arm(at: deadline)
        #expect(try epoll.ready(within: 5_000).map(\.token) == [7])
        #expect(Clock.monotonicNanoseconds >= deadline)
        #expect(try epoll.ready(within: 0).count == 1, "until it is cleared")
        timer.clear()
        #expect(try epoll.ready(within: 0).isEmpty)
    }

    @Test(arguments: [0, 1, 1000] as [UInt64])
    func goesOffAtOnceForATimeThatHasPassed(deadline: UInt64) throws {
        let epoll = try EpollInstance()
        let timer = try Timer()
        try epoll.add(timer.descriptor, for: .readable, token: 7)
        try timer.arm(at: deadline)
        #expect(try epoll.ready(within: 5_000).count == 1)
    }

    @Test func isTurnedOffAndMovedForward() throws {
        let epoll = try EpollInstance()
        let timer = try Timer()
        try epoll.add(timer.descriptor, for: .readable, token: 7)
        try timer.arm(at: Clock.monotonicNanoseconds + 3_600_000_000_000)
        try timer.arm(at: 1)
        #expect(try epoll.ready(within: 5_000).count == 1)
        try timer.arm(at: nil)
        timer.clear()
        #expect(try epoll.ready(within: 10).isEmpty)
    }

    @Test func theClocksAgreeOnHowTimePasses() {
        let monotonic = Clock.monotonicNanoseconds
        #expect(Clock.monotonicNanoseconds >= monotonic)
        // 2020; the wall clock may be wrong, but not that wrong.
        #expect(Clock.realtimeNanoseconds > 1_577_836_800_000_000_000)
    }
}

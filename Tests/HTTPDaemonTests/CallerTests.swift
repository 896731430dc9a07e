import Testing

@testable import HTTPDaemon

/// Rates of requests, by a clock that the test winds.
@Suite struct CallerTests {
    @Test func letsAsManyPassAsItsRate() {
        let caller = Caller(.address(1), requestsPerSecond: 4)
        #expect((0..<6).map { _ in caller.secondsToWait(at: 10_000) } == [nil, nil, nil, nil, 1, 1])
        #expect(caller.secondsToWait(at: 10_249) == 1)
        #expect(caller.secondsToWait(at: 10_250) == nil)
        #expect(caller.secondsToWait(at: 10_250) == 1)
        // What was not used in the meantime is no more than one second's.
        #expect((0..<5).map { _ in caller.secondsToWait(at: 99_000) } == [nil, nil, nil, nil, 1])
    }

    @Test func keepsToItsRateInTheLongRun() {
        let caller = Caller(.address(1), requestsPerSecond: 300)
        let admitted = (0..<60_000).count { caller.secondsToWait(at: 1_000 + $0) == nil }
        #expect((60 * 300...61 * 300).contains(admitted), "\(admitted)")
    }

    @Test func isOneHoweverManyConnectionsItHas() {
        let table = CallerTable(requestsPerSecond: 5, localRequestsPerSecond: 7)
        let caller = table.enter(.address(0x0A00_0001))
        #expect(table.enter(.address(0x0A00_0001)) === caller)
        #expect(caller.requestsPerSecond == 5)
        #expect(table.enter(.address(0x7F00_0002)).requestsPerSecond == 7)
        #expect(table.count == 2)
    }

    @Test func remembersNoMoreThanItMay() {
        let table = CallerTable(requestsPerSecond: 5, localRequestsPerSecond: 5)
        let all = (0..<UInt32(CallerTable.capacity)).map { table.enter(.address($0)) }
        let others = table.enter(.address(.max))
        #expect(others.name == .others)
        #expect(table.enter(.address(.max - 1)) === others)
        table.leave(others)
        for caller in all { table.leave(caller) }
        #expect(table.count == CallerTable.capacity)
    }

    @Test func forgetsThoseWhoAreGone() {
        let table = CallerTable(requestsPerSecond: 5, localRequestsPerSecond: 5)
        for number in 0..<UInt32(CallerTable.capacity) { table.leave(table.enter(.address(number))) }
        let busy = table.enter(.address(7))
        _ = busy.secondsToWait(at: .max / 10_000_000)
        table.leave(busy)
        #expect(table.enter(.address(.max)).name == .address(.max))
        #expect(table.enter(.address(7)) === busy)
        #expect(table.count == 2)
    }
}

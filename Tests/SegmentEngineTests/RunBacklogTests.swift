import Testing

@testable import SegmentEngine

@Suite struct RunBacklogTests {
    /// The numbers that the present step sees, without taking any.
    private func seen(_ backlog: inout RunBacklog) -> [UInt64] {
        var numbers: [UInt64] = []
        while let entry = backlog.candidate {
            numbers.append(entry.number)
            backlog.leave()
        }
        return numbers
    }

    private func backlog(_ count: UInt64, endpoints: Int = 1) -> RunBacklog {
        var backlog = RunBacklog(endpoints: endpoints)
        for number in 0..<count {
            backlog.append(number: 100 + number, endpoint: Int(number) % endpoints, arrivedAt: number)
        }
        return backlog
    }

    @Test func eachStepSeesWhatNoOtherHasTakenInTheOrderOfArrival() {
        var backlog = backlog(6)
        backlog.begin(endpoint: 0, since: 0)
        while let entry = backlog.candidate, entry.number != 103 { backlog.leave() }
        backlog.take()
        backlog.append(number: 106, endpoint: 0, arrivedAt: 6)
        #expect(seen(&backlog) == [104, 105, 106], "the present one goes on")
        backlog.append(number: 107, endpoint: 0, arrivedAt: 7)
        #expect(seen(&backlog) == [107])
        backlog.begin(endpoint: 0, since: 0)
        #expect(seen(&backlog) == [100, 101, 102, 104, 105, 106, 107], "the next one sees all that is left")
        #expect(backlog.missed == 0)
    }

    @Test func aStepSeesItsEndpointAndItsWindow() {
        var backlog = backlog(10, endpoints: 2)
        backlog.begin(endpoint: 1, since: 4)
        #expect(seen(&backlog) == [105, 107, 109])
        #expect(backlog.latest(2).map(\.number) == [107, 109])
        backlog.begin(endpoint: 0, since: backlog.end)
        #expect(seen(&backlog) == [])
        backlog.append(number: 120, endpoint: 0, arrivedAt: 1)
        #expect(seen(&backlog) == [120])
    }

    @Test func whatWasSeenBeforeItWentIsMissedByLaterStepsOnly() {
        let limit = UInt64(RunPlan.maximumBacklog)
        var backlog = backlog(limit)
        backlog.begin(endpoint: 0, since: 0)
        #expect(seen(&backlog).count == Int(limit))
        backlog.append(number: 90_000, endpoint: 0, arrivedAt: 1)
        #expect(backlog.missed == 0)
        #expect(seen(&backlog) == [90_000])
        backlog.begin(endpoint: 0, since: 0)
        #expect(backlog.missed > 0)
        let gone = backlog.missed
        #expect(UInt64(seen(&backlog).count) + gone == limit + 1)
        backlog.begin(endpoint: 0, since: gone)
        #expect(backlog.missed == 0, "the window begins after what went")
        backlog.begin(endpoint: 0, since: gone - 1)
        #expect(backlog.missed == gone)
    }

    @Test func whatWentUnseenIsMissed() {
        let limit = UInt64(RunPlan.maximumBacklog)
        var backlog = backlog(0)
        backlog.begin(endpoint: 0, since: 0)
        for number in 0...limit { backlog.append(number: number + 1, endpoint: 0, arrivedAt: 0) }
        #expect(UInt64(seen(&backlog).count) + backlog.missed == limit + 1)
    }

    @Test(arguments: [0, 3, 10])
    func whatTheRingHasNoMoreIsMissed(looked: Int) {
        var backlog = backlog(10)
        backlog.begin(endpoint: 0, since: 0)
        for _ in 0..<looked {
            _ = backlog.candidate
            backlog.leave()
        }
        backlog.removeAll(before: 106)
        #expect(backlog.missed == UInt64(max(0, 6 - looked)))
        #expect(seen(&backlog) == (looked == 10 ? [] : [106, 107, 108, 109]))
        backlog.removeAll(before: 50)
        backlog.removeAll(before: 1000)
        #expect(backlog.entries.isEmpty)
        backlog.begin(endpoint: 0, since: 0)
        #expect(backlog.missed == 10)
    }

    @Test func theLossOfOneEndpointIsNoneOfAnother() {
        var backlog = backlog(4, endpoints: 2)
        backlog.removeAll(before: 101)
        backlog.begin(endpoint: 0, since: 0)
        #expect(backlog.missed == 1)
        backlog.begin(endpoint: 1, since: 0)
        #expect(backlog.missed == 0)
    }
}

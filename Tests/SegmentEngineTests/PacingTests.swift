import Testing

@testable import SegmentEngine

@Suite struct PacingTests {
    private static let second: UInt64 = 1_000_000_000
    private static let hour = 3600 * second
    private static let numbers: [UInt64] = [0, 1, 2, 3, 10, 999, 100_000, 12_345_678, 1_000_000_000, 1_000_000_000_000]
    private static let pacings: [Pacing] =
        [1, 2, 3, 7, 1000, 9_999, 10_000, 15_000, 100_000, 999_999_937, 1_000_000_000].map { .rate(perSecond: $0) }
        + [1, 3, 999, 99_999, 100_000, 1_000_000, second, hour, 24 * hour].map { .interval(nanoseconds: $0) }

    /// Whole seconds and the rest apart, so that nothing overflows; `nil` when it is more than can be told.
    private func exactOffset(_ number: UInt64, perSecond: UInt64) -> UInt64? {
        let (seconds, rest) = number.quotientAndRemainder(dividingBy: perSecond)
        let (product, overflow) = seconds.multipliedReportingOverflow(by: Self.second)
        return overflow ? nil : product + rest * Self.second / perSecond
    }

    @Test(arguments: pacings)
    func doesNotDriftHoweverManyThereAre(pacing: Pacing) {
        for number in Self.numbers {
            let exact: UInt64? =
                switch pacing {
                case .none: 0
                case .interval(let nanoseconds):
                    number.multipliedReportingOverflow(by: nanoseconds).overflow ? nil : number * nanoseconds
                case .rate(let perSecond): exactOffset(number, perSecond: perSecond)
                }
            let offset = pacing.offset(of: number)
            if let exact {
                #expect(offset == exact || offset == exact + 1, "\(number)")
            } else {
                #expect(offset > .max / 2, "\(number)")
            }
        }
    }

    /// A number is due at its offset, to the nanosecond, and not before.
    @Test(arguments: pacings)
    func whatIsDueFollowsFromTheOffset(pacing: Pacing) {
        for number in Self.numbers {
            let offset = pacing.offset(of: number)
            guard offset < .max / 2 else { continue }
            #expect(pacing.due(after: offset + 1) > number, "\(number)")
            guard offset > 0 else { continue }
            #expect(pacing.due(after: offset - 1) <= number, "\(number)")
        }
        #expect(pacing.due(after: 0) == 1)
    }

    @Test(arguments: pacings)
    func isTotalOverLongTimes(pacing: Pacing) {
        var before: UInt64 = 0
        for nanoseconds: UInt64 in [1, 1000, Self.second, Self.hour, 10_000 * Self.hour, .max / 2] {
            let due = pacing.due(after: nanoseconds)
            #expect(due >= before)
            before = due
        }
    }

    @Test(arguments: [3, 7, 999, 9_999, 30_011, 999_999_999] as [UInt64])
    func whatIsDueIsDueWhenItsTimeHasCome(rate: UInt64) {
        let pacing = Pacing.rate(perSecond: rate)
        for number: UInt64 in [1, 2, 3, 10, 12_345, 1 << 33] {
            let offset = pacing.offset(of: number)
            #expect(pacing.due(after: offset) == number + 1)
            #expect(pacing.due(after: offset - 1) == number)
        }
    }

    @Test func noPaceIsAllAtOnce() {
        #expect(Pacing.none.due(after: 0) == .max)
        #expect(Pacing.none.offset(of: .max) == 0)
        #expect(Pacing.interval(nanoseconds: 0).due(after: 0) == .max)
    }

    @Test(arguments: pacings)
    func whatIsCloserThanATenthOfAMillisecondLeavesTogether(pacing: Pacing) {
        let batch = pacing.batch
        if pacing.offset(of: 1) >= 100_000 {
            #expect(batch == 1)
        } else {
            #expect(batch >= 1)
            #expect(pacing.offset(of: batch) <= 100_000)
            #expect(pacing.offset(of: batch + 1) >= 100_000)
        }
    }

    @Test(
        arguments: [
            (.rate(perSecond: 9999), 1), (.rate(perSecond: 20_000), 2), (.rate(perSecond: 100_000), 10),
            (.rate(perSecond: 1_000_000_000), 100_000), (.interval(nanoseconds: 10_000), 10),
            (.interval(nanoseconds: 50_001), 1), (.interval(nanoseconds: 1), 100_000),
        ] as [(Pacing, UInt64)])
    func batchesAreAsLargeAsThat(pacing: Pacing, expected: UInt64) {
        #expect(pacing.batch == expected)
    }
}

import Testing

@testable import SegmentEngine

@Suite struct TokenBucketTests {
    private static let second: UInt64 = 1_000_000_000

    /// Whatever the rate, exactly so many in any second, and a hundredth of that at first.
    @Test(arguments: [1, 3, 7, 100, 999, 12_345, 333_333, 1_000_000, 999_999_999, 1_000_000_000])
    func givesItsRate(perSecond: Int) {
        var bucket = TokenBucket(perSecond: perSecond)
        var now: UInt64 = 77
        var taken = bucket.available(at: now)
        bucket.take(taken)
        #expect(taken == max(1, perSecond / 100))
        taken = 0
        let end = now + 10 * Self.second
        while true {
            // As it is asked when the deadlines are met.
            now = bucket.nextDeadline
            guard now <= end else { break }
            let some = bucket.available(at: now)
            bucket.take(some)
            taken += some
        }
        #expect(abs(taken - 10 * perSecond) <= max(1, perSecond / 1000))
    }

    @Test(arguments: [1, 100, 150, 1_000_000])
    func savesUpNoMoreThanAHundredthOfASecond(perSecond: Int) {
        var bucket = TokenBucket(perSecond: perSecond)
        let most = max(1, perSecond / 100)
        for now in [0, Self.second, 1000 * Self.second, .max - 1, .max] {
            let available1 = bucket.available(at: now)
            #expect(available1 == most)
        }
        bucket.take(most)
        let available2 = bucket.available(at: .max)
        #expect(available2 == 0)
    }

    /// At its deadline, and not before.
    @Test(arguments: [(1, 1), (10, 1), (1_000, 1), (5_000, 5), (1_000_000, 1_000)])
    func saysWhenToComeAgain(perSecond: Int, worth: Int) {
        var bucket = TokenBucket(perSecond: perSecond)
        bucket.take(bucket.available(at: 1_000))
        let deadline = bucket.nextDeadline
        let available3 = bucket.available(at: deadline - 1)
        #expect(available3 == worth - 1)
        let available4 = bucket.available(at: deadline)
        #expect(available4 == worth)
        #expect(bucket.nextDeadline <= deadline)
    }

    @Test func whatWasTakenTooMuchIsSavedUpFirst() {
        var bucket = TokenBucket(perSecond: 10)
        bucket.take(5)
        let available5 = bucket.available(at: Self.second * 4 / 10)
        #expect(available5 == 0)
        let available6 = bucket.available(at: Self.second * 5 / 10)
        #expect(available6 == 1)
        bucket.take(1_000_000)
        let available7 = bucket.available(at: 1_000_000)
        #expect(available7 == 0)
        #expect(bucket.nextDeadline > 99_999 * Self.second)
    }

    /// The monotonic clock does not go back; two readings may come in the wrong order all the same.
    @Test func timeThatGoesBackGivesNothing() {
        var bucket = TokenBucket(perSecond: 1)
        bucket.take(bucket.available(at: 5 * Self.second))
        let available8 = bucket.available(at: 0)
        #expect(available8 == 0)
        let available9 = bucket.available(at: 6 * Self.second)
        #expect(available9 == 1)
    }
}

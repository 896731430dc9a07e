import Testing

@testable import SegmentEngine

@Suite struct LatenessHistogramTests {
    @Test func nothingHasNoSummary() {
        #expect(LatenessHistogram().summary == nil)
    }

    @Test(arguments: [0, 1, 7, 8, 9, 15, 16, 17, 255, 1_000_000, 3_600_000_000_000, 1 << 59] as [UInt64])
    func oneValueIsAllThereIs(value: UInt64) {
        var histogram = LatenessHistogram()
        histogram.add(nanoseconds: value)
        #expect(histogram.summary == .init(median: value, percentile99: value, maximum: value))
    }

    @Test(arguments: UInt64(0)..<200)
    func isWithinAnEighthOfTheSortedList(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var histogram = LatenessHistogram()
        let count = Int.random(in: 1...400, using: &generator)
        let magnitude = UInt64.random(in: 1...48, using: &generator)
        let values = (0..<count).map { _ in
            generator.next() >> UInt64.random(in: (63 - magnitude)...63, using: &generator)
        }
        for value in values { histogram.add(nanoseconds: value) }
        let sorted = values.sorted()
        let summary = try #require(histogram.summary)
        #expect(summary.maximum == sorted.last)
        for (percent, shown) in [(50, summary.median), (99, summary.percentile99)] {
            // The nearest rank: the least value that so many percent are not above.
            let exact = sorted[(count * percent + 99) / 100 - 1]
            #expect(shown >= exact)
            #expect(shown - exact <= exact / 8, "\(shown) for \(exact)")
        }
    }

    @Test func aFewThatAreLateDoNotMoveTheMedian() {
        var histogram = LatenessHistogram()
        for _ in 0..<985 { histogram.add(nanoseconds: 5) }
        for _ in 0..<15 { histogram.add(nanoseconds: 1_000_000) }
        let summary = histogram.summary
        #expect(summary?.median == 5)
        #expect(summary?.percentile99 == 1_000_000)
    }
}

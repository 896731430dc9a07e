import Measuring
import Testing

@Suite struct DurationHistogramTests {
    @Test func beginsEmpty() {
        let histogram = DurationHistogram()
        let snapshot = histogram.snapshot
        #expect(snapshot.counts == [UInt64](repeating: 0, count: DurationHistogram.bounds.count + 1))
        #expect(snapshot.count == 0)
        #expect(snapshot.sumNanoseconds == 0)
    }

    @Test func boundsAscend() {
        let bounds = DurationHistogram.bounds.indices.map { DurationHistogram.bounds[$0] }
        #expect(bounds == bounds.sorted())
        #expect(Set(bounds).count == bounds.count)
    }

    /// A bound belongs to the bucket below it, as "at most" says.
    @Test(arguments: DurationHistogram.bounds.indices)
    func countsABoundAsReached(index: Int) {
        let histogram = DurationHistogram()
        let bound = DurationHistogram.bounds[index]
        histogram.add(nanoseconds: bound - 1)
        histogram.add(nanoseconds: bound)
        histogram.add(nanoseconds: bound + 1)
        var expected = [UInt64](repeating: 0, count: DurationHistogram.bounds.count + 1)
        expected[index] = 2
        expected[index + 1] = 1
        let snapshot = histogram.snapshot
        #expect(snapshot.counts == expected)
        #expect(snapshot.sumNanoseconds == 3 * bound)
    }

    @Test func takesTheShortestAndTheLongest() {
        let histogram = DurationHistogram()
        histogram.add(nanoseconds: 0)
        histogram.add(nanoseconds: .max)
        let snapshot = histogram.snapshot
        #expect(snapshot.counts.first == 1)
        #expect(snapshot.counts.last == 1)
        #expect(snapshot.count == 2)
        #expect(snapshot.sumNanoseconds == .max)
    }

    /// Wraps instead of trapping, as counters may.
    @Test func goesOnWhenTheSumIsFull() {
        let histogram = DurationHistogram()
        histogram.add(nanoseconds: .max)
        histogram.add(nanoseconds: 3)
        let snapshot = histogram.snapshot
        #expect(snapshot.sumNanoseconds == 2)
        #expect(snapshot.count == 2)
    }

    @Test func losesNothingBetweenThreads() async {
        let shared = Shared()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for number in 0..<1000 {
                        shared.histogram.add(nanoseconds: UInt64(thread * 1000 + number) * 10_000)
                    }
                }
            }
        }
        let snapshot = shared.histogram.snapshot
        #expect(snapshot.count == 4000)
        #expect(snapshot.sumNanoseconds == UInt64((0..<4000).reduce(0, +)) * 10_000)
        #expect(snapshot.counts[0] == 2, "0 and 10 µs")
    }

    private final class Shared: Sendable {
        let histogram = DurationHistogram()
    }
}

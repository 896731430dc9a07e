import Testing

@testable import SegmentEngine

@Suite struct ValueSequenceTests {
    private static let widths: [UInt64] = [0x3, 0xf, 0x3f, 0xff, 0x1fff, 0xffff, 0xffff_ffff]

    private func values(_ sequence: ValueSequence, count: UInt64, base: UInt64 = 0, maximum: UInt64) -> [UInt64] {
        (0..<count).map { sequence.value($0, base: base, maximum: maximum) }
    }

    @Test(arguments: widths)
    func anIncrementWrapsAtTheWidthOfItsField(maximum: UInt64) {
        #expect(values(.increment(1), count: 4, base: maximum - 1, maximum: maximum) == [maximum - 1, maximum, 0, 1])
        #expect(values(.increment(-1), count: 3, base: 1, maximum: maximum) == [1, 0, maximum])
        #expect(values(.increment(0), count: 3, base: 2, maximum: maximum) == [2, 2, 2])
        #expect(values(.increment(Int64(maximum)), count: 3, base: 2, maximum: maximum) == [2, 1, 0])
        #expect(values(.increment(-Int64(maximum)), count: 3, base: 2, maximum: maximum) == [2, 3, 4 & maximum])
    }

    @Test(arguments: widths, [1, 3, -1, -7] as [Int64])
    func anIncrementIsAFunctionOfTheNumber(maximum: UInt64, step: Int64) {
        var expected: UInt64 = 1
        for number in UInt64(0)..<1000 {
            #expect(ValueSequence.increment(step).value(number, base: 1, maximum: maximum) == expected)
            expected = (expected &+ UInt64(bitPattern: step)) & maximum
        }
        // Far out, where adding up would take too long: 2⁴⁰ is a multiple of every width.
        #expect(ValueSequence.increment(step).value(1 << 40, base: 1, maximum: maximum) == 1)
        let far = ValueSequence.increment(step).value((1 << 40) + 1, base: 1, maximum: maximum)
        #expect(far == (1 &+ UInt64(bitPattern: step)) & maximum)
    }

    @Test(arguments: [[7], [0, 1, 65_535], [3, 3, 9], Array(0..<4096)] as [[UInt64]])
    func valuesComeOverAndOver(list: [UInt64]) {
        let count = UInt64(list.count)
        let sequence = ValueSequence.values(list)
        #expect(values(sequence, count: count * 2, base: 5, maximum: 0xffff) == list + list)
        #expect(sequence.value(count * 1_000_000_000 + count - 1, base: 5, maximum: 0xffff) == list.last)
        #expect(sequence.bounds(base: 5, count: 3, maximum: 0xffff_ffff) == (list.min() ?? 0)...(list.max() ?? 0))
    }

    @Test(arguments: [5...5, 0...1, 1024...1026, 0...65_535, 0xffff_fffe...0xffff_ffff] as [ClosedRange<UInt64>])
    func aRangeIsGoneThroughInOrderOverAndOver(range: ClosedRange<UInt64>) {
        let count = UInt64(range.count)
        let sequence = ValueSequence.range(range)
        for number in (0..<min(count, 100)) {
            for round: UInt64 in [0, 1, 12_345] {
                #expect(sequence.value(round * count + number, base: 9, maximum: .max) == range.lowerBound + number)
            }
        }
        #expect(sequence.value(count - 1, base: 9, maximum: .max) == range.upperBound)
        #expect(sequence.bounds(base: 5, count: 3, maximum: 0xffff_ffff) == range)
    }

    @Test(
        arguments: [
            (1, 5, 1, 5...5), (1, 5, 10, 5...14), (-1, 5, 6, 0...5), (-1, 5, 7, nil), (1, 0xfffe, 2, 0xfffe...0xffff),
            (1, 0xfffe, 3, nil), (0, 7, .max, 7...7), (.max, 1, .max, nil), (.min, 1, .max, nil),
        ] as [(Int64, UInt64, UInt64, ClosedRange<UInt64>?)])
    func anIncrementHasBoundsUntilItWraps(step: Int64, base: UInt64, count: UInt64, bounds: ClosedRange<UInt64>?) {
        #expect(ValueSequence.increment(step).bounds(base: base, count: count, maximum: 0xffff) == bounds)
    }

    /// The first numbers of SplitMix64 from seed 0 are 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f.
    @Test func randomValuesAreTheSameEverywhereAndForEver() {
        let any = ValueSequence.random(seed: 0, within: nil)
        #expect(values(any, count: 3, maximum: 0xffff_ffff) == [0x7b1d_cdaf, 0xa1b9_65f4, 0x8009_454f])
        #expect(values(any, count: 3, base: 77, maximum: 0xf) == [0xf, 0x4, 0xf])
        #expect(values(.random(seed: 0, within: 0...9), count: 3, maximum: 0xff) == [8, 4, 0])
        #expect(values(.random(seed: 0, within: 100...199), count: 3, maximum: 0xff) == [188, 143, 102])
        #expect(any.bounds(base: 0, count: 3, maximum: 0xff) == nil)
    }

    @Test(
        arguments: [5...5, 0...1, 10...12, 1024...65_535, 0...0x7fff_ffff, 1...0xffff_ffff, 0...0xffff_ffff]
            as [ClosedRange<UInt64>])
    func randomValuesFillTheirBoundsEvenly(range: ClosedRange<UInt64>) {
        let sequence = ValueSequence.random(seed: 3, within: range)
        #expect(sequence.bounds(base: 5, count: 3, maximum: 0xffff_ffff) == range)
        let drawn = values(sequence, count: 3000, maximum: 0xffff_ffff)
        #expect(drawn.allSatisfy { range.contains($0) })
        #expect(values(sequence, count: 3000, base: 1, maximum: 0xffff_ffff) == drawn, "a function of the number")
        guard range.count > 1 else { return }
        #expect(values(.random(seed: 4, within: range), count: 3000, maximum: 0xffff_ffff) != drawn)
        let thirds = drawn.reduce(into: [0, 0, 0]) { counts, value in
            counts[Int(3 * (value - range.lowerBound) / UInt64(range.count))] += 1
        }
        let expected = range.count == 2 ? [1500, 1500, 0] : [1000, 1000, 1000]
        for (count, expected) in zip(thirds, expected) { #expect(abs(count - expected) < 200, "\(thirds)") }
    }

    @Test(arguments: widths)
    func randomValuesFillTheirField(maximum: UInt64) {
        let drawn = values(.random(seed: 9, within: nil), count: 2000, maximum: maximum)
        #expect(drawn.allSatisfy { $0 <= maximum })
        #expect(drawn.contains { $0 > maximum / 4 * 3 })
        #expect(drawn.contains { $0 <= maximum / 4 })
        #expect(drawn.reduce(0, |) == maximum)
    }
}

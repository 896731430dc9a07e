import Testing

@testable import SegmentEngine

@Suite struct CounterPoolTests {
    @Test func givesEverybodyCountersOfTheirOwn() {
        let pool = CounterPool()
        let all = (0..<3000).map { _ in EngineCounters(in: pool) }
        for (number, counters) in all.enumerated() {
            counters.received.segments.add(UInt64(number))
        }
        #expect(all.enumerated().allSatisfy { number, counters in counters.segmentsReceived == UInt64(number) })
    }

    @Test func whatIsGivenBackBeginsAtZero() {
        let pool = CounterPool()
        var counters: EngineCounters? = EngineCounters(in: pool)
        counters?.received.octets.add(7)
        counters?.received.evictions.add(9)
        let place = unsafe counters?.received.block
        counters = nil
        let next = EngineCounters(in: pool)
        let isReused = unsafe next.received.block == place
        #expect(isReused)
        #expect(next.octetsReceived == 0)
        #expect(next.ringEvictions == 0)
    }

    @Test func neverSharesACacheLine() {
        #expect(MemoryLayout<ReceivedCounters.Block>.stride == 128)
        let counters = EngineCounters()
        let address = unsafe UInt(bitPattern: counters.received.block)
        #expect(address.isMultiple(of: 64))
    }
}

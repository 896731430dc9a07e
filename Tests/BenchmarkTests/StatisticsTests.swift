import Testing

@testable import segmentd_benchmark

@Suite struct StatisticsTests {
    @Test func findsTheMiddleOfAnyOrder() {
        let statistics = Statistics([5, 1, 4, 2, 3])
        #expect(statistics.lowerQuartile == 2)
        #expect(statistics.median == 3)
        #expect(statistics.upperQuartile == 4)
    }

    @Test func interpolatesBetweenTwo() {
        let statistics = Statistics([10, 20])
        #expect(statistics.lowerQuartile == 12.5)
        #expect(statistics.median == 15)
        #expect(statistics.upperQuartile == 17.5)
    }

    @Test func isTheOnlyValue() {
        let statistics = Statistics([7])
        #expect(statistics.lowerQuartile == 7 && statistics.median == 7 && statistics.upperQuartile == 7)
    }

    @Test func answersAnyQuantile() {
        let values = (0...1000).map(Double.init)
        #expect(Statistics.quantile(0, of: values) == 0)
        #expect(Statistics.quantile(0.99, of: values) == 990)
        #expect(Statistics.quantile(1, of: values) == 1000)
    }

    @Test func scales() {
        let statistics = Statistics([1, 2, 3]).times(10)
        #expect(statistics.lowerQuartile == 15 && statistics.median == 20 && statistics.upperQuartile == 25)
    }
}

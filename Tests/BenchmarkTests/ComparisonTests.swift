import Testing

@testable import segmentd_benchmark

@Suite struct ComparisonTests {
    /// Answers these values one after the other.
    private struct Script {
        var values: [Double]

        mutating func next() -> Double { values.removeFirst() }
    }

    @Test func dividesByTheMeanOfTheNeighbours() throws {
        // The first of each warms up.
        var floor = Script(values: [99, 100, 300, 100])
        var ours = Script(values: [99, 400, 100])
        let comparison = try Comparison(rounds: 2) {
            floor.next()
        } ours: {
            ours.next()
        }
        #expect(comparison.ratio.lowerQuartile == 0.5 + 0.375)
        #expect(comparison.ratio.median == 1.25)
        #expect(comparison.ratio.upperQuartile == 2 - 0.375)
        #expect(comparison.floor.median == 100)
        #expect(comparison.ours.median == 250)
        #expect(floor.values.isEmpty && ours.values.isEmpty)
    }

    @Test func takesTurns() throws {
        var turns = ""
        _ = try Comparison(rounds: 2) {
            turns += "f"
            return 1
        } ours: {
            turns += "o"
            return 1
        }
        #expect(turns == "fofofof")
    }

    @Test func cancelsAMachineThatSlowsDownEvenly() throws {
        // Each measurement takes a tenth longer than the one before; ours is twice the floor.
        var time = 1.0
        let comparison = try Comparison(rounds: 11) { () throws(BenchmarkError) in
            time += 0.1
            return time
        } ours: { () throws(BenchmarkError) in
            time += 0.1
            return 2 * time
        }
        #expect(abs(comparison.ratio.median - 2) < 1e-9)
        #expect(abs(comparison.ratio.upperQuartile - 2) < 1e-9)
    }

    @Test func passesOnWhyNothingCouldBeMeasured() {
        #expect(throws: BenchmarkError.self) {
            try Comparison(rounds: 1) {
                1
            } ours: { () throws(BenchmarkError) in
                throw .unexpected("nothing")
            }
        }
    }
}

import Testing

@testable import segmentd_benchmark

@Suite struct TableTests {
    @Test(arguments: [
        (0, "0"), (0.004, "0.004"), (0.0996, "0.100"), (0.1, "0.10"), (0.996, "1.00"), (12.345, "12.35"),
        (99.99, "99.99"),
        (100.4, "100"), (999.4, "999"), (1000, "1,000"), (12_345.6, "12,346"), (1_000_007, "1,000,007"),
        (-0.5, "-0.50"),
    ])
    func writesFigures(value: Double, text: String) {
        #expect(Table.figure(value) == text)
    }

    @Test func saysWhatWasMissed() {
        let missed = Row("path", unit: "ms", ours: 11, target: .atMost(10))
        let met = Row("path", unit: "ms", ours: 10, target: .atMost(10))
        #expect(missed.isMet == false && Table.line(missed).hasSuffix("≤ 10.00  missed"))
        #expect(met.isMet == true && Table.line(met).hasSuffix("≤ 10.00"))
    }

    @Test func judgesByTheRatioWhereThereIsOne() throws {
        let comparison = try Comparison(rounds: 1) {
            100
        } ours: {
            96
        }
        #expect(Row("path", unit: "1/s", comparison, target: .atLeast(0.97)).isMet == false)
        #expect(Row("path", unit: "1/s", comparison, target: .atLeast(0.96)).isMet == true)
        #expect(Row("path", unit: "1/s", comparison).isMet == nil)
    }

    @Test func saysWhatIsNotInstalled() {
        let row = Row(notInstalled: "peer", unit: "1/s")
        #expect(row.isMet == nil && Table.line(row).contains("not installed"))
    }
}

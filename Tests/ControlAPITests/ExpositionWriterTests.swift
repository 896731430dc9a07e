import Measuring
import Testing

@testable import ControlAPI

/// The texts were worked out by hand from the Prometheus text format 0.0.4 and OpenMetrics 1.0.
@Suite struct ExpositionWriterTests {
    private func text(_ format: ExpositionFormat, _ write: (inout ExpositionWriter) -> Void) -> String {
        var writer = ExpositionWriter(format, reservingCapacity: 1)
        write(&writer)
        return String(decoding: writer.finish(), as: UTF8.self)
    }

    private func writeAll(to text: inout ExpositionWriter) {
        text.begin(MetricFamily(.info, "a_build", "What it is."))
        text.sample(1, ["version": "1.2.3", "commit": ""])
        text.begin(MetricFamily(.counter, "a_received_bytes", unit: .bytes, "Octets."))
        text.sample(UInt64.max)
        text.begin(MetricFamily(.counter, "a_outcomes", "Ends."))
        text.sample(2, ["outcome": "sent"])
        text.sample(0, ["outcome": "tooBig"])
        text.begin(MetricFamily(.counter, "a_nothing", "Nothing yet."))
        text.begin(MetricFamily(.gauge, "a_stalled_seconds", unit: .seconds, "How long."))
        text.sample(nanoseconds: 1_000_000_001)
    }

    @Test func writesWhatPrometheusReads() {
        let expected = """
            # HELP a_build_info What it is.
            # TYPE a_build_info gauge
            a_build_info{version="1.2.3",commit=""} 1
            # HELP a_received_bytes_total Octets.
            # TYPE a_received_bytes_total counter
            a_received_bytes_total 18446744073709551615
            # HELP a_outcomes_total Ends.
            # TYPE a_outcomes_total counter
            a_outcomes_total{outcome="sent"} 2
            a_outcomes_total{outcome="tooBig"} 0
            # HELP a_nothing_total Nothing yet.
            # TYPE a_nothing_total counter
            # HELP a_stalled_seconds How long.
            # TYPE a_stalled_seconds gauge
            a_stalled_seconds 1.000000001

            """
        #expect(text(.prometheus, writeAll) == expected)
    }

    @Test func writesOpenMetrics() {
        let expected = """
            # TYPE a_build info
            # HELP a_build What it is.
            a_build_info{version="1.2.3",commit=""} 1
            # TYPE a_received_bytes counter
            # UNIT a_received_bytes bytes
            # HELP a_received_bytes Octets.
            a_received_bytes_total 18446744073709551615
            # TYPE a_outcomes counter
            # HELP a_outcomes Ends.
            a_outcomes_total{outcome="sent"} 2
            a_outcomes_total{outcome="tooBig"} 0
            # TYPE a_nothing counter
            # HELP a_nothing Nothing yet.
            # TYPE a_stalled_seconds gauge
            # UNIT a_stalled_seconds seconds
            # HELP a_stalled_seconds How long.
            a_stalled_seconds 1.000000001
            # EOF

            """
        #expect(text(.openMetrics, writeAll) == expected)
    }

    /// Each bucket holds those before it, and the last holds all.
    @Test(arguments: [false, true])
    func cumulatesHistograms(hasLabels: Bool) {
        var counts = [UInt64](repeating: 0, count: 20)
        (counts[0], counts[6], counts[18], counts[19]) = (3, 20, 100, 1000)
        let durations = DurationHistogram.Snapshot(counts: counts, sumNanoseconds: 12_000_000_340)
        let written = text(.prometheus) { text in
            text.begin(MetricFamily(.histogram, "d_seconds", unit: .seconds, "Durations."))
            text.sample(durations, hasLabels ? ["route": "/a", "method": "GET"] : [:])
        }
        let bounds = [
            "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025",
            "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf",
        ]
        let sums = [3, 3, 3, 3, 3, 3] + [UInt64](repeating: 23, count: 12) + [123, 1123]
        let labels = hasLabels ? #"route="/a",method="GET","# : ""
        let braced = hasLabels ? #"{route="/a",method="GET"}"# : ""
        let lines =
            ["# HELP d_seconds Durations.", "# TYPE d_seconds histogram"]
            + zip(bounds, sums).map { #"d_seconds_bucket{\#(labels)le="\#($0)"} \#($1)"# }
            + ["d_seconds_count\(braced) 1123", "d_seconds_sum\(braced) 12.000000340", ""]
        #expect(written == lines.joined(separator: "\n"))
    }

    @Test func escapesWhatWouldEndAValueOrALine() {
        let value = "a\\b\"c\nd\u{e9}"
        let family = MetricFamily(.gauge, "g", "Says \"a\\b\"\nand more.")
        #expect(
            text(.prometheus) { text in
                text.begin(family)
                text.sample(1, ["l": value])
            } == """
                # HELP g Says "a\\\\b"\\nand more.
                # TYPE g gauge
                g{l="a\\\\b\\"c\\nd\u{e9}"} 1

                """)
        #expect(
            text(.openMetrics) { text in
                text.begin(family)
                text.sample(1, ["l": value])
            } == """
                # TYPE g gauge
                # HELP g Says \\"a\\\\b\\"\\nand more.
                g{l="a\\\\b\\"c\\nd\u{e9}"} 1
                # EOF

                """)
    }

    @Test(arguments: [
        (UInt64(0), "0.000000000"), (1, "0.000000001"), (999_999_999, "0.999999999"), (1_000_000_000, "1.000000000"),
        (.max, "18446744073.709551615"),
    ])
    func writesTimesExactly(nanoseconds: UInt64, expected: String) {
        let written = text(.prometheus) { text in text.sample(nanoseconds: nanoseconds) }
        #expect(written == " \(expected)\n")
    }

    @Test func writesNumbersOfEveryType() {
        let written = text(.prometheus) { text in
            text.sample(Int.min)
            text.sample(UInt8.max)
        }
        #expect(written == " -9223372036854775808\n 255\n")
    }
}

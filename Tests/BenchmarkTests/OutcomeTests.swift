import Testing

@testable import segmentd_benchmark

@Suite struct OutcomeTests {
    private static func outcome() throws -> Outcome {
        let comparison = try Comparison(rounds: 1) {
            100
        } ours: {
            90
        }
        var outcome = Outcome(
            machine: Machine(processor: "Any", cores: 2, memoryGibibytes: nil, kernel: "6", compiler: nil),
            scale: .full, countsProcessorTime: false)
        outcome.seconds = 1.5
        outcome.lines = [
            Outcome.Line(path: "send", row: Row("send", unit: "1/s", comparison, target: .atLeast(0.97))),
            Outcome.Line(path: "load", row: Row("lost", unit: "segments", ours: 0, target: .atMost(0))),
            Outcome.Line(path: "peers", row: Row("by one", unit: "1/s", comparison)),
            Outcome.Line(path: "peers", row: Row(notInstalled: "by another", unit: "1/s")),
        ]
        outcome.failures = [(path: "idle", error: .unexpected("nothing"))]
        return outcome
    }

    @Test func isWholeAsJSON() throws {
        let text = OutcomeJSON.encode(try Self.outcome())
        let expected = """
            {"machine":{"processor":"Any","cores":2,"memoryGibibytes":null,"kernel":"6","compiler":null},"seconds":1.5,\
            "rounds":11,"countsProcessorTime":false,"paths":[\
            {"path":"send","label":"send","unit":"1/s","floor":100.0,"ours":90.0,"ratio":0.9,"lowerQuartile":0.9,\
            "upperQuartile":0.9,"atLeast":0.97,"isMet":false},\
            {"path":"load","label":"lost","unit":"segments","floor":null,"ours":0.0,"ratio":null,"lowerQuartile":null,\
            "upperQuartile":null,"atMost":0.0,"isMet":true},\
            {"path":"peers","label":"by one","unit":"1/s","floor":100.0,"ours":90.0,"ratio":0.9,"lowerQuartile":0.9,\
            "upperQuartile":0.9,"isMet":null},\
            {"path":"peers","label":"by another","unit":"1/s","floor":null,"ours":null,"ratio":null,\
            "lowerQuartile":null,"upperQuartile":null,"isMet":null}],"failures":["idle: nothing"]}
            """
        #expect(text == expected)
    }

    @Test func replacesNothingButTheTables() throws {
        let document = "# Title\n\n\(OutcomeMarkdown.begin)\nold\n\(OutcomeMarkdown.end)\n\nText\n"
        let text = try #require(OutcomeMarkdown.replaceTables(in: document, by: Self.outcome()))
        let expected = """
            # Title

            <!-- measured: begin -->

            2 cores, Any, Linux 6. The run took 2 s.

            | Beside the floor | unit | floor | segmentd | ratio | quartiles | promise |
            | --- | --- | ---: | ---: | ---: | ---: | ---: |
            | send | 1/s | 100 | 90.00 | 0.90 | 0.90–0.90 | ≥ 0.97, **missed** |

            | By itself | unit | segmentd | promise |
            | --- | --- | ---: | ---: |
            | lost | segments | 0 | ≤ 0 |

            | Other programs | unit | floor | program | ratio | quartiles |
            | --- | --- | ---: | ---: | ---: | ---: |
            | by one | 1/s | 100 | 90.00 | 0.90 | 0.90–0.90 |
            | by another | 1/s |  | not installed |  |  |

            <!-- measured: end -->

            Text

            """
        #expect(text == expected)
        #expect(OutcomeMarkdown.replaceTables(in: text, by: try Self.outcome()) == text)
    }

    @Test(arguments: ["", OutcomeMarkdown.begin, "\(OutcomeMarkdown.end)\(OutcomeMarkdown.begin)"])
    func findsNoPlaceForTables(document: String) throws {
        #expect(OutcomeMarkdown.replaceTables(in: document, by: try Self.outcome()) == nil)
    }
}

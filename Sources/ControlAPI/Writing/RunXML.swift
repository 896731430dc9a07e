import SegmentEngine

/// Writes a run as JUnit XML, as test reports are read by everything that shows them.
enum RunXML {
    static let mediaType = "application/xml"

    /// A suite with a case for each step; what has not come to an end is skipped.
    static func octets(_ run: RunRecord) -> [UInt8] {
        if let restored = run.restored { return restored.xml }
        let name = run.name.flatMap { $0.isEmpty ? nil : $0 } ?? RunJSON.identifier(of: run.number)
        var xml = XMLText()
        let results = run.steps.map { result(of: $0, in: run) }
        let duration = run.steps.reduce(0) { $0 &+ ($1.tookNanoseconds ?? 0) }
        xml.begin(
            "testsuite",
            [
                "name": name, "timestamp": String(Timestamp.text(run.startedAt ?? run.createdAt).prefix(19)),
                "hostname": "localhost", "tests": "\(results.count)",
                "failures": "\(results.count { $0 == .failure })", "errors": "\(results.count { $0 == .error })",
                "skipped": "\(results.count { $0 == .skipped })", "time": seconds(duration),
            ])
        xml.begin("properties")
        xml.element("property", ["name": "run", "value": RunJSON.identifier(of: run.number)])
        xml.element("property", ["name": "state", "value": run.state.rawValue])
        xml.element("property", ["name": "verdict", "value": run.verdict?.rawValue ?? ""])
        xml.element("property", ["name": "lost.kernel", "value": "\(run.lostInKernel)"])
        xml.element("property", ["name": "lost.ring", "value": "\(run.lostInRing)"])
        xml.end()
        for (number, step) in run.steps.enumerated() {
            write(step, number, results[number], of: run, in: name, to: &xml)
        }
        xml.element("system-out")
        xml.element("system-err")
        xml.end()
        return xml.finish()
    }

    private enum Result: String {
        case passed, failure, error, skipped
    }

    private static func result(of step: RunRecord.Step, in run: RunRecord) -> Result {
        switch step.state {
        case .passed: .passed
        case .failed: .failure
        case .inconclusive: .error
        case .pending, .running, .skipped: .skipped
        }
    }

    private static func write(
        _ step: RunRecord.Step, _ number: Int, _ result: Result, of run: RunRecord, in name: String,
        to xml: inout XMLText
    ) {
        let place = step.endpoint.map { " at \($0)" } ?? ""
        let title = "step \(number): \(step.kind.rawValue)\(place)"
        let attributes: KeyValuePairs<String, String> = [
            "name": title, "classname": name, "time": seconds(step.tookNanoseconds ?? 0),
        ]
        guard result != .passed else {
            xml.element("testcase", attributes)
            return
        }
        xml.begin("testcase", attributes)
        let reason = step.reason.map(RunReasonText.text) ?? ""
        switch result {
        case .failure: xml.element("failure", ["message": reason, "type": "unsatisfied"], text: details(of: step))
        case .error: xml.element("error", ["message": reason, "type": "inconclusive"], text: details(of: step))
        case .skipped, .passed: xml.element("skipped")
        }
        xml.end()
    }

    /// The nearest misses, a line for each difference.
    private static func details(of step: RunRecord.Step) -> String {
        var lines: [String] = []
        if let segment = step.segment { lines.append("the segment: \(title(of: segment))") }
        for miss in step.nearMisses {
            lines.append("near miss: \(title(of: miss.segment))")
            lines += miss.differences.map { "  \(DifferenceJSON.text($0))" }
        }
        return lines.joined(separator: "\n")
    }

    private static func title(of segment: RunSegment) -> String {
        let number = segment.number.map { "segment \($0)" } ?? "a segment"
        return "\(number), \(segment.direction.rawValue), \(Timestamp.text(segment.timestampNanoseconds))"
    }

    /// Seconds with a fraction, as a decimal number.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let microseconds = nanoseconds / 1_000
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}

import JSONText

/// Runs as rows, and one run by its steps.
enum RunTable {
    static func table(_ runs: [JSONValue]) -> Table {
        var table = Table([
            .init(title: "ID"), .init(title: "STATE"), .init(title: "VERDICT"),
            .init(title: "STEPS", isNumber: true), .init(title: "NAME", leastWidth: 12),
            .init(title: "REASON", leastWidth: 16),
        ])
        table.rows = runs.map { run in
            [
                .init(run["id"]?.plain ?? "-"), .init(run["state"]?.plain ?? "-"),
                .init(run["verdict"]?.plain ?? "-", tone(of: run)),
                .init(String((run["steps"] ?? .null).elements.count)),
                .init(run["name"]?.plain ?? "-"), .init(run["reason"]?.plain ?? ""),
            ]
        }
        return table
    }

    static func steps(_ run: JSONValue) -> Table {
        var table = Table([
            .init(title: "STEP", isNumber: true), .init(title: "KIND"), .init(title: "ENDPOINT", leastWidth: 8),
            .init(title: "STATE"), .init(title: "TOOK", isNumber: true), .init(title: "SEGMENT", leastWidth: 16),
        ])
        for (number, step) in (run["steps"] ?? .null).elements.enumerated() {
            let state = step["state"]?.plain ?? "-"
            table.rows.append([
                .init(String(number)), .init(step["kind"]?.plain ?? "-"), .init(step["endpoint"]?.plain ?? "-"),
                .init(state, tone(ofStep: state)), .init(step["took"].map { ShortDuration.text($0.plain) } ?? "-"),
                .init(content(of: step)),
            ])
        }
        return table
    }

    /// The verdict, and below it what came nearest to what did not come.
    static func conclusion(_ run: JSONValue, on screen: Screen) -> [String] {
        let verdict = run["verdict"]?.plain ?? run["state"]?.plain ?? "-"
        let name = run["name"].map { " \"\(PlainText.safe($0.plain))\"" } ?? ""
        var lines = ["run \(run["id"]?.plain ?? "-")\(name): " + screen.toned(verdict, tone(of: run))]
        if let reason = run["reason"]?.string { lines[0] += ", " + PlainText.safe(reason) }
        for (number, step) in (run["steps"] ?? .null).elements.enumerated() {
            let misses = (step["nearMisses"] ?? .null).elements
            guard !misses.isEmpty else { continue }
            lines.append("nearest to step \(number):")
            for miss in misses { lines += self.lines(of: miss, on: screen) }
        }
        let lost = run["lost"] ?? .null
        if [lost["kernel"], lost["ring"]].contains(where: { $0?.integer ?? 0 > 0 }) {
            lines.append(
                screen.toned(
                    "lost meanwhile: \(lost["kernel"]?.plain ?? "0") in the kernel, \(lost["ring"]?.plain ?? "0") in the ring",
                    .bad))
        }
        return lines
    }

    /// The status that a command ends with which asked for this run.
    static func status(of run: JSONValue) -> CommandStatus {
        switch run["verdict"]?.string {
        case "satisfied": .success
        case "unsatisfied": .unsatisfied
        default: .inconclusive
        }
    }

    private static func lines(of miss: JSONValue, on screen: Screen) -> [String] {
        let segment = miss["segment"] ?? .null
        let origin = segment["id"].map { "segment \($0.plain)" } ?? "a segment"
        var lines = ["  \(origin), \(segment["direction"]?.plain ?? "-"): \(summary(of: segment))"]
        for difference in (miss["differences"] ?? .null).elements {
            let hint = difference["hint"].map { ": \($0.plain)" } ?? ""
            lines.append(
                PlainText.safe(
                    "    \(difference["field"]?.plain ?? "-"): expected \(difference["expected"]?.plain ?? "-"), "
                        + "actual \(difference["actual"]?.plain ?? "nothing")\(hint)"))
        }
        return lines
    }

    private static func content(of step: JSONValue) -> String {
        if let reason = step["reason"]?.string { return reason }
        if let segment = step["segment"] { return summary(of: segment) }
        return (step["outcomes"] ?? .null).members.map { "\($0.value.plain) \($0.key)" }.joined(separator: ", ")
    }

    private static func summary(of segment: JSONValue) -> String {
        var words = [segment["flags"]?.plain ?? "-"]
        for (title, key) in [("seq", "sequenceNumber"), ("ack", "acknowledgmentNumber"), ("window", "window")] {
            words.append("\(title) \(segment[key]?.plain ?? "-")")
        }
        if let text = segment["payload"]?["text"]?.string, !text.isEmpty {
            words.append("\"\(PlainText.safe(text))\"")
        } else if let length = segment["payload"]?["length"]?.integer, length > 0 {
            words.append("\(length) octets")
        }
        return words.joined(separator: " ")
    }

    private static func tone(of run: JSONValue) -> Tone {
        switch run["verdict"]?.string {
        case "satisfied": .good
        case "unsatisfied": .bad
        default: .warning
        }
    }

    private static func tone(ofStep state: String) -> Tone {
        switch state {
        case "passed": .good
        case "failed": .bad
        case "inconclusive": .warning
        default: .quiet
        }
    }
}

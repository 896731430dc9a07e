import JSONText

/// Transmissions as rows.
enum TransmissionTable {
    static func table(_ transmissions: [JSONValue]) -> Table {
        var table = Table([
            .init(title: "ID"), .init(title: "ENDPOINT", leastWidth: 8), .init(title: "STATE"),
            .init(title: "SENT", isNumber: true), .init(title: "OF", isNumber: true),
            .init(title: "PER SECOND", isNumber: true, rank: 2), .init(title: "LATE (P99)", isNumber: true, rank: 3),
            .init(title: "NOTES", leastWidth: 16),
        ])
        table.rows = transmissions.map(row)
        return table
    }

    /// Whether all that was asked for has left.
    static func isSent(_ transmission: JSONValue) -> Bool {
        transmission["state"]?.string == "done" && transmission["sent"] == transmission["requested"]
    }

    private static func row(_ transmission: JSONValue) -> [Table.Cell] {
        let state = transmission["state"]?.plain ?? "-"
        let hasEnded = !["queued", "sending"].contains(state)
        let tone: Tone = isSent(transmission) ? .good : hasEnded ? .bad : .warning
        return [
            .init(transmission["id"]?.plain ?? "-"), .init(transmission["endpoint"]?.plain ?? "-"),
            .init(state, tone), .init(transmission["sent"]?.plain ?? "-"),
            .init(transmission["requested"]?.plain ?? "-"), .init(transmission["rate"]?.plain ?? "-"),
            .init(transmission["lateness"]?["p99"].map { ShortDuration.text($0.plain) } ?? "-"),
            .init(notes(transmission)),
        ]
    }

    private static func notes(_ transmission: JSONValue) -> String {
        var notes = (transmission["outcomes"] ?? .null).members.filter { $0.key != "sent" }
            .map { "\($0.value.plain) \($0.key)" }
        if let error = transmission["firstError"]?["detail"]?.string { notes.append(error) }
        notes += (transmission["replay"]?["skipped"] ?? .null).members.map { "\($0.value.plain) skipped: \($0.key)" }
        return notes.joined(separator: "; ")
    }
}

import JSONText

/// Counters, a row for each endpoint.
enum CounterTable {
    static func table(_ counters: JSONValue) -> Table {
        var table = Table([
            .init(title: "ENDPOINT", leastWidth: 8), .init(title: "RECEIVED", isNumber: true),
            .init(title: "SENT", isNumber: true), .init(title: "NOT SENT", isNumber: true),
            .init(title: "DROPS", isNumber: true), .init(title: "EVICTED", isNumber: true, rank: 3),
            .init(title: "REPLIES", isNumber: true, rank: 1), .init(title: "SUPPRESSED", isNumber: true, rank: 6),
            .init(title: "BAD SUM", isNumber: true, rank: 2), .init(title: "MALFORMED", isNumber: true, rank: 4),
            .init(title: "FILTERED", isNumber: true, rank: 7), .init(title: "RESETS", isNumber: true, rank: 5),
            .init(title: "ICMP", isNumber: true, rank: 5),
        ])
        for endpoint in (counters["endpoints"] ?? .null).members {
            table.rows.append(row(endpoint.key, .plain, endpoint.value))
        }
        table.rows.append(row("total", .heading, counters["total"] ?? .null))
        return table
    }

    /// A count that says that something is missing.
    static func loss(_ count: JSONValue?) -> Table.Cell {
        .init(count?.plain ?? "-", count?.integer ?? 0 > 0 ? .bad : .plain)
    }

    private static func row(_ name: String, _ tone: Tone, _ counters: JSONValue) -> [Table.Cell] {
        let notSent = (counters["outcomes"] ?? .null).members.filter { $0.key != "sent" }
            .reduce(0) { $0 + ($1.value.integer ?? 0) }
        return [
            .init(name, tone), .init(counters["segmentsReceived"]?.plain ?? "-"),
            .init(counters["segmentsSent"]?.plain ?? "-"), .init(String(notSent), notSent > 0 ? .warning : .plain),
            loss(counters["kernelDrops"]), loss(counters["ringEvictions"]), .init(counters["replies"]?.plain ?? "-"),
            .init(counters["repliesSuppressed"]?.plain ?? "-"),
            .init(counters["checksums"]?["incorrect"]?.plain ?? "-"), .init(counters["malformed"]?.plain ?? "-"),
            .init(counters["filtered"]?.plain ?? "-"), .init(counters["kernelResets"]?.plain ?? "-"),
            .init(counters["icmpErrors"]?.plain ?? "-"),
        ]
    }
}

import JSONText

/// Endpoints as rows.
enum EndpointTable {
    static func table(_ endpoints: [JSONValue]) -> Table {
        var table = Table([
            .init(title: "ID", leastWidth: 8), .init(title: "ROLE"), .init(title: "STATE"),
            .init(title: "LOCAL"), .init(title: "REMOTE", rank: 2), .init(title: "GUARD", rank: 3),
            .init(title: "RECEIVED", isNumber: true), .init(title: "SENT", isNumber: true),
            .init(title: "DROPS", isNumber: true, rank: 1), .init(title: "NAMESPACE", leastWidth: 9, rank: 4),
            .init(title: "FILTER", leastWidth: 12, rank: 5),
        ])
        table.rows = endpoints.map(row)
        return table
    }

    private static func row(_ endpoint: JSONValue) -> [Table.Cell] {
        let counters = endpoint["counters"] ?? .null
        let state = endpoint["state"]?.plain ?? "-"
        let tone: Tone = state == "running" ? .good : state == "degraded" ? .bad : .warning
        return [
            .init(endpoint["id"]?.plain ?? "-"), .init(endpoint["role"]?.plain ?? "-"), .init(state, tone),
            .init(address(endpoint["local"])), .init(endpoint["remote"].map(address) ?? "any"),
            .init(endpoint["guard"]?["active"]?.plain ?? "-"),
            .init(counters["segmentsReceived"]?.plain ?? "-"), .init(counters["segmentsSent"]?.plain ?? "-"),
            CounterTable.loss(counters["kernelDrops"]), .init(endpoint["namespace"]?.plain ?? "-"),
            .init(endpoint["filter"]?.plain ?? "-"),
        ]
    }

    private static func address(_ value: JSONValue?) -> String {
        "\(value?["address"]?.plain ?? "-"):\(value?["port"]?.plain ?? "-")"
    }
}

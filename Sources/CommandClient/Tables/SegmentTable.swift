import JSONText

/// Segments as rows: when, whose, from where to where, and what they carry.
enum SegmentTable {
    static let columns: [Table.Column] = [
        .init(title: "ID", isNumber: true, usualWidth: 6),
        .init(title: "TIME (UTC)", leastWidth: 12, usualWidth: 15),
        .init(title: "ENDPOINT", leastWidth: 6, usualWidth: 8),
        .init(title: "DIR", usualWidth: 4),
        .init(title: "FROM", leastWidth: 15, rank: 4, usualWidth: 21),
        .init(title: "TO", leastWidth: 15, rank: 3, usualWidth: 21),
        .init(title: "FLAGS", leastWidth: 7, usualWidth: 7),
        .init(title: "SEQ", isNumber: true, usualWidth: 10),
        .init(title: "ACK", isNumber: true, rank: 6, usualWidth: 10),
        .init(title: "WINDOW", isNumber: true, rank: 7),
        .init(title: "LEN", isNumber: true, usualWidth: 4),
        .init(title: "PAYLOAD", leastWidth: 12, usualWidth: 24),
    ]

    /// The part of a time of RFC 3339 between the date and the zone, with microseconds.
    private static func time(_ timestamp: String) -> String {
        guard let start = timestamp.firstIndex(of: "T") else { return timestamp }
        return String(timestamp[start...].dropFirst().prefix(15))
    }

    static func row(_ segment: JSONValue) -> [Table.Cell] {
        let (direction, tone) = direction(of: segment)
        let flags = segment["flags"]
        let isReset = flags?.elements.contains(.string("RST")) == true
        return [
            .init(segment["id"]?.plain ?? "-"),
            .init(time(segment["timestamp"]?.plain ?? "-"), .quiet),
            .init(segment["endpoint"]?.plain ?? "-"),
            .init(direction, tone),
            .init(address(segment, "source", "sourcePort")),
            .init(address(segment, "destination", "destinationPort")),
            .init(flags?.plain ?? "-", isReset ? .bad : .plain),
            .init(segment["sequenceNumber"]?.plain ?? "-"),
            .init(segment["acknowledgmentNumber"]?.plain ?? "-"),
            .init(segment["window"]?.plain ?? "-"),
            .init(segment["payload"]?["length"]?.plain ?? "-"),
            content(of: segment),
        ]
    }

    private static func direction(of segment: JSONValue) -> (String, Tone) {
        switch segment["direction"]?.string {
        case "received": ("recv", .plain)
        case "sent": ("sent", .quiet)
        case "error": ("err", .bad)
        case let other: (other ?? "-", .warning)
        }
    }

    private static func address(_ segment: JSONValue, _ address: String, _ port: String) -> String {
        "\(segment["ip"]?[address]?.plain ?? "-"):\(segment[port]?.plain ?? "-")"
    }

    /// What is odd about it, or else what it carries.
    private static func content(of segment: JSONValue) -> Table.Cell {
        var odd = (segment["malformed"] ?? .null).elements.map(\.plain)
        if segment["checksum"]?["status"]?.string == "incorrect" { odd.insert("checksum incorrect", at: 0) }
        if let error = segment["error"] {
            odd.insert("\(error["errno"]?.plain ?? "ICMP") from \(error["offender"]?.plain ?? "this host")", at: 0)
        }
        let payload = segment["payload"]?["text"]?.string ?? binary(segment["payload"])
        guard !odd.isEmpty else { return .init(payload) }
        return .init(([odd.joined(separator: ", ")] + (payload.isEmpty ? [] : [payload])).joined(separator: "; "), .bad)
    }

    private static func binary(_ payload: JSONValue?) -> String {
        guard let payload, payload["length"]?.integer ?? 0 > 0 else { return "" }
        return "base64 \(payload["base64"]?.plain ?? "")"
    }
}

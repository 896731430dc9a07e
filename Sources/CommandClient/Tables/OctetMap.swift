import JSONText

/// The octets of a datagram, a line for each field.
enum OctetMap {
    static func table(octets: String, fields: [JSONValue]) -> Table {
        var table = Table([
            .init(title: "AT", isNumber: true), .init(title: "FIELD"),
            .init(title: "LENGTH", isNumber: true), .init(title: "OCTETS", leastWidth: 12),
        ])
        let digits = [UInt8](octets.utf8)
        for field in fields {
            let (offset, length) = (field["offset"]?.integer ?? 0, field["length"]?.integer ?? 0)
            table.rows.append([
                .init(String(offset)), .init(field["name"]?.plain ?? "-"), .init(String(length)),
                .init(text(digits, offset, length), .heading),
            ])
        }
        return table
    }

    /// Octets in hex, in groups of four; nothing where there are none.
    private static func text(_ digits: [UInt8], _ offset: Int, _ length: Int) -> String {
        let end = digits.count / 2
        guard offset >= 0, length > 0, offset < end else { return "" }
        let octets = digits[offset * 2..<min(offset + min(length, end), end) * 2]
        return stride(from: octets.startIndex, to: octets.endIndex, by: 8).map { start in
            String(decoding: octets[start..<min(start + 8, octets.endIndex)], as: UTF8.self)
        }.joined(separator: " ")
    }
}

import JSONText

/// An object as names and values, one a line, members of members by their paths.
enum Facts {
    static func table(_ value: JSONValue, without hidden: Set<String> = []) -> Table {
        var table = Table([.init(title: "FIELD"), .init(title: "VALUE", leastWidth: 20)])
        append(value, at: "", without: hidden, to: &table)
        return table
    }

    private static func append(_ value: JSONValue, at path: String, without hidden: Set<String>, to table: inout Table)
    {
        for member in value.members where !hidden.contains(member.key) {
            let name = path.isEmpty ? member.key : "\(path).\(member.key)"
            if case .object(let object) = member.value, !object.members.isEmpty {
                append(member.value, at: name, without: hidden, to: &table)
            } else if member.value.elements.contains(where: { !$0.members.isEmpty }) {
                // Rules and the like: the JSON is what they are written in.
                table.rows.append([.init(name), .init(String(decoding: member.value.octets, as: UTF8.self))])
            } else {
                table.rows.append([.init(name), .init(member.value.plain)])
            }
        }
    }
}

/// A run as Markdown tables, for a document that explains them.
enum OutcomeMarkdown {
    /// What stands around the tables in the document.
    static let (begin, end) = ("<!-- measured: begin -->", "<!-- measured: end -->")

    /// The document with the tables of this run; `nil` when it has no place for them.
    static func replaceTables(in document: String, by outcome: Outcome) -> String? {
        guard let start = document.firstRange(of: begin), let stop = document.firstRange(of: end),
            start.upperBound <= stop.lowerBound
        else { return nil }
        return document[..<start.upperBound] + "\n\n" + tables(of: outcome) + "\n" + document[stop.lowerBound...]
    }

    static func tables(of outcome: Outcome) -> String {
        let ours = outcome.lines.filter { $0.path != Catalogue.peers }.map(\.row)
        let peers = outcome.lines.filter { $0.path == Catalogue.peers }.map(\.row)
        let clock = outcome.countsProcessorTime ? " Times are processor time, where a path keeps a core busy." : ""
        let parts = [
            "\(outcome.machine.description). The run took \(Int(outcome.seconds.rounded())) s.\(clock)\n",
            table(
                ["Beside the floor", "unit", "floor", "segmentd", "ratio", "quartiles", "promise"],
                ours.filter { $0.ratio != nil }.map { row in compared(row) + [promise(row)] }),
            table(
                ["By itself", "unit", "segmentd", "promise"],
                ours.filter { $0.ratio == nil }.map { [$0.label, $0.unit, figure($0), promise($0)] }),
            table(
                ["Other programs", "unit", "floor", "program", "ratio", "quartiles"],
                peers.map(compared)),
        ]
        return parts.joined(separator: "\n")
    }

    private static func compared(_ row: Row) -> [String] {
        [
            row.label, row.unit, row.floor.map(Table.figure) ?? "", figure(row),
            row.ratio.map { Table.fixed($0.median) } ?? "", row.ratio.map(Table.quartiles) ?? "",
        ]
    }

    private static func figure(_ row: Row) -> String {
        row.ours.map(Table.figure) ?? Table.notInstalled
    }

    private static func promise(_ row: Row) -> String {
        Table.target(row.target) + (row.isMet == false ? ", **missed**" : "")
    }

    /// The first two columns are words, the others numbers.
    private static func table(_ header: [String], _ rows: [[String]]) -> String {
        let rule = header.indices.map { $0 < 2 ? "---" : "---:" }
        return ([header, rule] + rows).map { "| \($0.joined(separator: " | ")) |\n" }.joined()
    }
}

/// Which columns a table shows, and how wide each is.
struct TableLayout {
    private static let gap = "  "

    private let columns: [Table.Column]
    /// The columns shown, by their numbers, with their widths.
    private var shown: [(index: Int, width: Int)]

    /// Fits columns to a width: those that may are narrowed, the widest first; where that does not do, columns are
    /// left out by their rank.
    init(_ columns: [Table.Column], rows: [[Table.Cell]], width: Int?) {
        self.columns = columns
        shown = columns.indices.map { index in
            let texts = rows.map { PlainText.width(of: $0[index].text) }
            let column = columns[index]
            return (index, max(PlainText.width(of: column.title), texts.max() ?? column.usualWidth))
        }
        guard let width else { return }
        while leastTotal > width,
            let last = shown.filter({ columns[$0.index].rank > 0 })
                .max(by: { columns[$0.index].rank < columns[$1.index].rank })
        {
            shown.removeAll { $0.index == last.index }
        }
        narrow(by: total(of: shown.map(\.width)) - width)
    }

    func heading(hasColour: Bool) -> String {
        line(columns.map { Table.Cell($0.title, .heading) }, hasColour: hasColour)
    }

    func line(_ row: [Table.Cell], hasColour: Bool) -> String {
        var line = ""
        for (place, column) in shown.enumerated() {
            let cell = row[column.index]
            let text = PlainText.cut(cell.text, to: column.width)
            let padding = String(repeating: " ", count: max(column.width - PlainText.width(of: text), 0))
            let toned = hasColour ? cell.tone.around(text) : text
            let isLast = place == shown.count - 1
            if place > 0 { line += Self.gap }
            line += columns[column.index].isNumber ? padding + toned : isLast ? toned : toned + padding
        }
        // Empty cells at the end leave nothing behind.
        while line.last == " " { line.removeLast() }
        return line
    }

    private mutating func narrow(by excess: Int) {
        var excess = excess
        while excess > 0 {
            let candidates = shown.indices.filter { shown[$0].width > least(shown[$0]) }
            guard let widest = candidates.max(by: { shown[$0].width < shown[$1].width }) else { return }
            // Down to the next widest in one step, so that wide tables do not take as many steps as they are wide.
            // Of several that are as wide none becomes much narrower than the others.
            let isAlone = candidates.count { shown[$0].width == shown[widest].width } == 1
            let others = isAlone ? candidates.filter { $0 != widest }.map { shown[$0].width } : []
            let next = isAlone ? others.max() ?? 0 : shown[widest].width - 1
            let target = max(least(shown[widest]), min(next, shown[widest].width - 1), shown[widest].width - excess)
            excess -= shown[widest].width - target
            shown[widest].width = target
        }
    }

    private func least(_ column: (index: Int, width: Int)) -> Int {
        min(columns[column.index].leastWidth ?? column.width, column.width)
    }

    private var leastTotal: Int { total(of: shown.map(least)) }

    private func total(of widths: [Int]) -> Int {
        widths.reduce(0, +) + max(widths.count - 1, 0) * Self.gap.utf8.count
    }
}

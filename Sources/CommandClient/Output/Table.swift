/// Rows in columns, fitted to a width.
struct Table {
    struct Column {
        let title: String
        var isNumber = false
        /// How narrow it may become; `nil`, not narrower than its widest text.
        var leastWidth: Int?
        /// Columns with the highest number are left out first where the width does not do; 0 stays.
        var rank = 0
        /// How wide it is where the rows are not known beforehand.
        var usualWidth = 0
    }

    struct Cell {
        let text: String
        let tone: Tone

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = PlainText.safe(text)
            self.tone = tone
        }
    }

    let columns: [Column]
    var rows: [[Cell]] = []

    init(_ columns: [Column]) {
        self.columns = columns
    }

    /// The heading and the rows.
    func lines(width: Int?, hasColour: Bool) -> [String] {
        let layout = TableLayout(columns, rows: rows, width: width)
        return [layout.heading(hasColour: hasColour)] + rows.map { layout.line($0, hasColour: hasColour) }
    }
}

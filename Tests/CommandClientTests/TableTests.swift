import Testing

@testable import CommandClient

@Suite struct TableTests {
    private func table(_ columns: [Table.Column], _ rows: [[String]]) -> Table {
        var table = Table(columns)
        table.rows = rows.map { $0.map { Table.Cell($0) } }
        return table
    }

    @Test func alignsTextLeftAndNumbersRight() {
        let table = table(
            [.init(title: "NAME"), .init(title: "N", isNumber: true), .init(title: "END")],
            [["a", "1", "x"], ["long", "1000", ""]])
        #expect(
            table.lines(width: nil, hasColour: false) == [
                "NAME     N  END",
                "a        1  x",
                "long  1000",
            ])
    }

    @Test(arguments: 11...60)
    func isNeverWiderThanItMayBe(width: Int) {
        let table = table(
            [
                .init(title: "ID"), .init(title: "FIRST", leastWidth: 3), .init(title: "OTHER", rank: 1),
                .init(title: "LAST", leastWidth: 2),
            ],
            [["1", "a long text of many words", "what is left out first", "another long text"]])
        let lines = table.lines(width: width, hasColour: false)
        #expect(lines.allSatisfy { PlainText.width(of: $0) <= width }, "\(lines)")
        #expect(lines[0].hasPrefix("ID"))
    }

    @Test func narrowsTheWidestFirst() {
        let table = table(
            [.init(title: "A", leastWidth: 4), .init(title: "B", leastWidth: 4)],
            [["0123456789", "01234567890123456789"]])
        #expect(table.lines(width: 22, hasColour: false)[1] == "0123456789  012345678…")
        #expect(table.lines(width: 12, hasColour: false)[1] == "0123…  0123…")
    }

    @Test(arguments: [
        ("312652946ns", "312ms"), ("113338ns", "113us"), ("1204337ns", "1.20ms"), ("12us", "12us"), ("1s", "1s"),
        ("10050ms", "10s"), ("90s", "90s"), ("0s", "0s"), ("63487ns", "63.4us"), ("soon", "soon"),
    ])
    func shortensDurations(exact: String, short: String) {
        #expect(ShortDuration.text(exact) == short)
    }

    @Test func leavesOutColumnsByTheirRank() {
        let table = table(
            [.init(title: "KEPT"), .init(title: "SECOND", rank: 1), .init(title: "FIRST", rank: 2)], [["1", "2", "3"]])
        #expect(table.lines(width: 19, hasColour: false)[0] == "KEPT  SECOND  FIRST")
        #expect(table.lines(width: 18, hasColour: false)[0] == "KEPT  SECOND")
        #expect(table.lines(width: 11, hasColour: false)[0] == "KEPT")
    }

    @Test func coloursDoNotCountAsWidth() {
        var table = Table([.init(title: "STATE"), .init(title: "X")])
        table.rows = [[.init("ok", .good), .init("y")]]
        #expect(table.lines(width: 20, hasColour: true)[1] == "\u{1B}[32mok\u{1B}[0m     y")
    }

    @Test func countsWideCharactersAsTwoColumns() {
        let table = table([.init(title: "T", leastWidth: 4), .init(title: "X")], [["日本語", "y"], ["abc", "z"]])
        let lines = table.lines(width: nil, hasColour: false)
        #expect(lines[1] == "日本語  y")
        #expect(lines[2] == "abc     z")
        #expect(PlainText.cut("日本語", to: 5) == "日本…")
    }
}

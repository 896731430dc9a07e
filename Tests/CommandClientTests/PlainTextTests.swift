import Testing

@testable import CommandClient

@Suite struct PlainTextTests {
    @Test(arguments: [
        ("\u{1B}[2Jgone", "\\u{1B}[2Jgone"), ("a\nb", "a\\u{A}b"), ("\u{9B}31m", "\\u{9B}31m"),
        ("abc\u{202E}cba", "abc\\u{202E}cba"), ("tab\there", "tab\\u{9}here"),
    ])
    func showsWhatWouldMoveTheTerminalByItsNumber(text: String, shown: String) {
        #expect(PlainText.safe(text) == shown)
    }

    @Test func leavesOtherTextAsItIs() {
        for text in ["", "Hello server", "größer", "日本語", "a…b"] { #expect(PlainText.safe(text) == text) }
    }
}

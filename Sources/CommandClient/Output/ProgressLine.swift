import Glibc
import LinuxSystem

/// A line on standard error that is written over again, where somebody sees it.
struct ProgressLine: ~Copyable {
    private static let usualWidth = 80
    private static let clear = "\r\u{1B}[K"

    let isShown: Bool
    private var text = ""

    init(on screen: Screen) {
        isShown = screen.showsProgress
    }

    deinit {
        if !text.isEmpty { Self.write(Self.clear) }
    }

    mutating func show(_ text: String) {
        guard isShown, text != self.text else { return }
        let columns = Terminal.columns(STDERR_FILENO) ?? Self.usualWidth
        Self.write(Self.clear + PlainText.cut(PlainText.safe(text), to: columns - 1))
        self.text = text
    }

    private static func write(_ text: String) {
        try? Screen.write([UInt8](text.utf8), to: STDERR_FILENO, "standard error")
    }
}

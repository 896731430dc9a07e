/// What a piece of text means, as a colour where there is colour; the words say it too.
enum Tone {
    case plain, heading, good, warning, bad, quiet

    private var code: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .good: "32"
        case .warning: "33"
        case .bad: "31"
        case .quiet: "2"
        }
    }

    /// The text between ECMA-48's sequences for it.
    func around(_ text: String) -> String {
        guard let code, !text.isEmpty else { return text }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }
}

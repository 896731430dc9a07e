import LinuxSystem

/// Text from elsewhere, made fit for a terminal.
enum PlainText {
    /// The text without what would move the cursor, change colours or turn the direction of writing; such characters
    /// are shown by their numbers.
    static func safe(_ text: String) -> String {
        guard !text.unicodeScalars.allSatisfy(isSafe) else { return text }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isSafe(scalar) {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
        }
        return shown
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }

    /// How many columns a terminal takes for text that is safe.
    static func width(of text: String) -> Int {
        let octets = text.utf8
        if octets.allSatisfy({ $0 < 0x80 }) { return octets.count }
        return text.unicodeScalars.reduce(0) { $0 + Terminal.columns(of: $1) }
    }

    /// The text in so many columns at most; what does not fit is an ellipsis.
    static func cut(_ text: String, to columns: Int) -> String {
        guard width(of: text) > columns else { return text }
        guard columns > 0 else { return "" }
        var cut = ""
        var used = 0
        for scalar in text.unicodeScalars {
            used += Terminal.columns(of: scalar)
            guard used < columns else { break }
            cut.unicodeScalars.append(scalar)
        }
        return cut + "…"
    }
}

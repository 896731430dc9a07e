/// Text for XML 1.0, element after element.
struct XMLText {
    private(set) var octets = [UInt8](#"<?xml version="1.0" encoding="UTF-8"?>"#.utf8)
    private var open: [String] = []

    /// Begins an element.
    mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String> = [:]) {
        start(name, attributes)
        append(">")
        open.append(name)
    }

    /// Ends the element that was begun last.
    mutating func end() {
        guard let name = open.popLast() else { return }
        if octets.last == UInt8(ascii: ">") { indent() }
        append("</\(name)>")
    }

    /// Writes an element with text in it, or with nothing.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String> = [:], text: String = "") {
        start(name, attributes)
        guard !text.isEmpty else { return append("/>") }
        append(">\(Self.escaped(text, keeping: "\n\t"))</\(name)>")
    }

    /// Ends the last line.
    mutating func finish() -> [UInt8] {
        append("\n")
        return octets
    }

    private mutating func start(_ name: String, _ attributes: KeyValuePairs<String, String>) {
        indent()
        append("<\(name)")
        for (name, value) in attributes {
            append(" \(name)=\"\(Self.escaped(value))\"")
        }
    }

    private mutating func indent() {
        append("\n" + String(repeating: "  ", count: open.count))
    }

    private mutating func append(_ text: String) {
        octets.append(contentsOf: text.utf8)
    }

    /// Text without what means something to XML; what it cannot have at all becomes U+FFFD.
    ///
    /// White space is escaped too unless it is kept, because attributes would lose it.
    static func escaped(_ text: String, keeping kept: String = "") -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped.append(contentsOf: "&amp;".unicodeScalars)
            case "<": escaped.append(contentsOf: "&lt;".unicodeScalars)
            case ">": escaped.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": escaped.append(contentsOf: "&quot;".unicodeScalars)
            case _ where kept.unicodeScalars.contains(scalar): escaped.append(scalar)
            case "\t", "\n", "\r": escaped.append(contentsOf: "&#\(scalar.value);".unicodeScalars)
            case "\u{20}"..."\u{D7FF}", "\u{E000}"..."\u{FFFD}", "\u{10000}"..."\u{10FFFF}": escaped.append(scalar)
            default: escaped.append("\u{FFFD}")
            }
        }
        return String(escaped)
    }
}

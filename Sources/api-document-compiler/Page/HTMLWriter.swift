/// Writes HTML; whatever is text is escaped.
struct HTMLWriter {
    private(set) var html = ""

    mutating func text(_ text: String) {
        for character in text {
            switch character {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            default: html.append(character)
            }
        }
    }

    /// An element with what is written meanwhile in it.
    mutating func element(
        _ name: String, _ attributes: KeyValuePairs<String, String?>, _ content: (inout HTMLWriter) -> Void
    ) {
        begin(name, attributes)
        content(&self)
        html += "</\(name)>"
    }

    mutating func element(_ name: String, _ content: (inout HTMLWriter) -> Void) {
        element(name, [:], content)
    }

    /// An element with a text in it.
    mutating func element(_ name: String, _ attributes: KeyValuePairs<String, String?>, _ text: String) {
        element(name, attributes) { $0.text(text) }
    }

    mutating func element(_ name: String, _ text: String) {
        element(name, [:], text)
    }

    /// An element that has no content, or whose content follows; attributes that are `nil` are left out.
    mutating func begin(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:]) {
        html += "<\(name)"
        for case (let key, let value?) in attributes {
            html += " \(key)=\""
            text(value)
            html += "\""
        }
        html += ">"
    }

    /// What is HTML already.
    mutating func raw(_ html: String) {
        self.html += html
    }

    mutating func endLine() {
        html += "\n"
    }
}

extension HTMLWriter {
    /// Paragraphs of a description, with what is between backticks as code.
    mutating func description(_ text: String?) {
        guard let text else { return }
        var paragraph: [Substring] = []
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines + [""] as [Substring] {
            guard line.isEmpty else {
                paragraph.append(line)
                continue
            }
            if !paragraph.isEmpty { element("p") { $0.inline(paragraph.joined(separator: " ")) } }
            paragraph = []
        }
    }

    /// A description whose first sentence is shown, and the rest only when it is asked for, if it is long.
    mutating func foldedDescription(_ text: String?) {
        guard let text, text.count > 280, let end = Self.endOfSentence(in: text) else { return description(text) }
        element("p") { $0.inline(String(text[...end]).replacing("\n", with: " ")) }
        element("details") { writer in
            writer.element("summary", "more")
            writer.description(String(text[text.index(after: end)...].drop { $0.isWhitespace }))
        }
    }

    /// The first full stop that something blank follows.
    private static func endOfSentence(in text: String) -> String.Index? {
        zip(text.indices, text.indices.dropFirst()).first { text[$0] == "." && text[$1].isWhitespace }?.0
    }

    /// A path, which may be broken before a slash.
    mutating func path(_ path: String) {
        element("code") { writer in
            for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
                writer.begin("wbr")
                writer.text("/\(part)")
            }
        }
    }

    /// One line of a description.
    mutating func inline(_ text: String) {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index.isMultiple(of: 2) { self.text(String(part)) } else { element("code", String(part)) }
        }
    }
}

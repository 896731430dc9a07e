import JSONText

/// The types of problems as docs/reference/problems.md explains them, a section each.
///
/// They follow the heading `## Types`. A section has a heading of the third level, which is the last part of the type's URI, and paragraphs of words and
/// `code`; it ends at the next heading.
struct ProblemGuide {
    /// One type of problem.
    struct Section {
        /// The last part of the `type` URI.
        let slug: String
        /// The paragraphs, without the line breaks in them.
        let paragraphs: [String]
        /// The section as it stands in the file.
        let text: String
    }

    /// The whole of it.
    let text: String
    let sections: [Section]

    init(_ octets: OctetBuffer) {
        text = String(decoding: octets, as: UTF8.self)
        var sections: [Section] = []
        var heading: Substring?
        var body: [Substring] = []
        let end: [Substring] = ["#"]
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in lines.drop(while: { $0 != "## Types" }) + end {
            guard line.hasPrefix("#") else {
                body.append(line)
                continue
            }
            if let slug = heading { sections.append(Section(String(slug), body)) }
            heading = line.hasPrefix("### ") ? line.dropFirst(4) : nil
            body = []
        }
        self.sections = sections
    }

    subscript(slug: String) -> Section? {
        sections.first { $0.slug == slug }
    }
}

extension ProblemGuide.Section {
    fileprivate init(_ slug: String, _ lines: [Substring]) {
        self.slug = slug
        paragraphs = lines.split(separator: "").map { $0.joined(separator: " ") }
        text = "### \(slug)\n\n" + paragraphs.map { $0 + "\n" }.joined(separator: "\n")
    }
}

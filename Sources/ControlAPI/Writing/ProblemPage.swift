/// The types of problems as pages for a browser.
enum ProblemPage {
    /// The page of one type.
    static func page(of section: ProblemGuide.Section) -> String {
        let text = section.paragraphs.map { "<p>\(hypertext(of: $0))</p>\n" }.joined()
        let heading = "<p><a href=\"/problems\">All problems</a></p>\n<h1>\(escaped(section.slug))</h1>\n"
        return page(heading + text, section.slug)
    }

    /// The page that leads to all of them, each with the first paragraph of its own.
    static func index(of guide: ProblemGuide) -> String {
        let items = guide.sections.map { section in
            let slug = escaped(section.slug)
            let summary = hypertext(of: section.paragraphs.first ?? "")
            return "<dt><a href=\"/problems/\(slug)\">\(slug)</a></dt>\n<dd>\(summary)</dd>\n"
        }
        return page("<h1>Problems</h1>\n<dl>\n\(items.joined())</dl>\n", "Problems")
    }

    private static func page(_ content: String, _ title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(escaped(title)) – segmentd</title>
        <link rel="stylesheet" href="/problems.css">
        </head>
        <body>
        <main>
        \(content)</main>
        </body>
        </html>

        """
    }

    /// A paragraph in which what stands between backquotes is code.
    private static func hypertext(of paragraph: String) -> String {
        paragraph.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
            index.isMultiple(of: 2) ? escaped(part) : "<code>\(escaped(part))</code>"
        }.joined()
    }

    private static func escaped(_ text: some StringProtocol) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}

import JSONText
import Testing

@testable import ControlAPI

@Suite struct ProblemGuideTests {
    private let guide = ProblemGuide(
        OctetBuffer(
            [UInt8](
                """
                # Problems

                ### in-an-example

                ## Types

                ### one-thing

                409: One & only.

                It has `<code>`,
                and goes on.

                ### another

                Last.
                """.utf8)))

    @Test func hasASectionForEachHeadingOfTheThirdLevel() {
        #expect(guide.sections.map(\.slug) == ["one-thing", "another"])
        #expect(guide["one-thing"]?.paragraphs == ["409: One & only.", "It has `<code>`, and goes on."])
        #expect(guide["another"]?.text == "### another\n\nLast.\n")
        #expect(guide["Types"] == nil && guide[""] == nil)
    }

    @Test func isAPageInWhichNothingIsTakenForHypertext() throws {
        let page = ProblemPage.page(of: try #require(guide["one-thing"]))
        #expect(page.contains("<p>409: One &amp; only.</p>\n<p>It has <code>&lt;code&gt;</code>, and goes on.</p>"))
        #expect(page.contains("<title>one-thing – segmentd</title>"))
        let index = ProblemPage.index(of: guide)
        #expect(index.contains("<dt><a href=\"/problems/another\">another</a></dt>\n<dd>Last.</dd>"))
    }
}

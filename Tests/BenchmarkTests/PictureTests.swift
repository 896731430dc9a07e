import Testing

@testable import segmentd_benchmark

@Suite struct PictureTests {
    private static let points = [1, 10, 100, 1000, 10_000].map { number in
        Picture.Point(endpoints: number, cost: Statistics([1000, 1010, 1020]))
    }

    @Test func showsEachNumberOfEndpointsAndItsCost() {
        let text = Picture(points: Self.points, bound: 1100).text
        for label in [">1<", ">10<", ">100<", ">1,000<", ">10,000<", ">1,010<", "nanoseconds per segment"] {
            #expect(text.contains(label))
        }
        #expect(text.split(separator: "<circle").count == 6)
        #expect(text.hasPrefix("<svg ") && text.hasSuffix("</svg>\n"))
    }

    @Test func putsHigherCostsHigher() throws {
        let points = [
            Picture.Point(endpoints: 1, cost: Statistics([100])), Picture.Point(endpoints: 10, cost: Statistics([200])),
        ]
        let text = Picture(points: points, bound: 110).text
        let heights = text.split(separator: "\n").filter { $0.hasPrefix("<circle") }.compactMap { line in
            line.split(separator: "cy=\"").last.flatMap { Double($0.prefix { $0 != "\"" }) }
        }
        try #require(heights.count == 2)
        // Down is more in SVG.
        #expect(heights[1] < heights[0])
    }

    @Test func drawsASinglePoint() {
        let text = Picture(points: [Self.points[0]], bound: 1100).text
        #expect(!text.contains("\"nan") && !text.contains("inf"))
    }
}

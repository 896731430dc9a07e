import HTTPMessage
import Measuring
import Testing

@Suite struct HTTPMeterTests {
    private let meter = HTTPMeter()

    @Test func countsByRouteAndFirstDigitOfTheStatus() {
        meter.name(1, .init(method: "GET", path: "/a"))
        meter.name(HTTPMeter.capacity - 1, .init(method: "POST", path: "/b/{id}"))
        for status in [200, 204, 304, 404, 429, 503, 100] { meter.count(route: 1, status: status, nanoseconds: 1) }
        meter.count(route: HTTPMeter.capacity - 1, status: 201, nanoseconds: nil)
        meter.count(route: HTTPMeter.noRoute, status: 400, nanoseconds: nil)
        #expect(meter.statuses(ofRoute: 1) == [1, 2, 1, 2, 1])
        #expect(meter.statuses(ofRoute: HTTPMeter.capacity - 1) == [0, 1, 0, 0, 0])
        #expect(meter.statuses(ofRoute: HTTPMeter.noRoute) == [0, 0, 0, 1, 0])
        #expect(meter.statuses(ofRoute: 2) == [0, 0, 0, 0, 0])
        #expect(meter.routes.map(\.route.path) == ["/a", "/b/{id}"])
        #expect(meter.routes.map(\.number) == [1, HTTPMeter.capacity - 1])
    }

    /// A status that is none must not end the service.
    @Test(arguments: [Int.min, -1, 0, 99, 600, Int.max])
    func countsWhatIsNoStatusWithTheNearest(status: Int) {
        meter.count(route: 1, status: status, nanoseconds: nil)
        #expect(meter.statuses(ofRoute: 1) == (status < 100 ? [1, 0, 0, 0, 0] : [0, 0, 0, 0, 1]))
    }

    @Test func timesWhatIsSomebodysConcern() {
        meter.count(route: 1, status: 200, nanoseconds: 20_000)
        meter.count(route: 1, status: 200, nanoseconds: nil)
        let durations = meter.durations(ofRoute: 1)
        #expect(durations.count == 1)
        #expect(durations.sumNanoseconds == 20_000)
        #expect(durations.counts[1] == 1)
        #expect(meter.durations(ofRoute: 2).count == 0)
    }

    @Test func countsProblemsByTheirType() {
        let before = meter.problemCounts
        #expect(before.map(\.slug) == ProblemType.refusals.map(\.slug).sorted())
        #expect(before.allSatisfy { $0.count == 0 })
        for _ in 0..<2 { meter.count(problem: ProblemType.foreignHost.slug) }
        meter.count(problem: "another")
        let counts = Dictionary(uniqueKeysWithValues: meter.problemCounts.map { ($0.slug, $0.count) })
        #expect(counts["foreign-host"] == 2)
        #expect(counts["another"] == 1)
        #expect(counts.count == before.count + 1)
    }

    @Test func aResponseTellsWhichProblemItReports() {
        #expect(HTTPResponse(Problem(.foreignOrigin)).problem == "foreign-origin")
        #expect(HTTPResponse(status: 404).problem == nil)
    }
}

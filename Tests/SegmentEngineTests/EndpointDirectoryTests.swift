import Testing

@testable import SegmentEngine

@Suite struct EndpointDirectoryTests {
    private let directory = EndpointDirectory()

    private func publish(_ id: String, serial: UInt32) {
        directory.publish(.sample(id, serial: serial))
    }

    @Test func showsThePresentBearerOfAnID() {
        publish("a", serial: 1)
        let first = directory.endpoint("a")
        #expect(first?.serial == 1)
        publish("a", serial: 1)
        #expect(directory.count == 1)
        directory.remove(.sample("a", serial: 1), latestCapture: 0, oldestCapture: 1)
        #expect(directory.endpoint("a") == nil)
        publish("a", serial: 2)
        #expect(directory.endpoint("a")?.serial == 2)
        #expect(directory.endpoint("b") == nil)
    }

    @Test(arguments: [1, 2, 3, 100])
    func pagesVisitEachEndpointOnceInOrder(limit: Int) {
        for serial in UInt32(1)...10 { publish("e\(serial)", serial: serial) }
        for serial: UInt32 in [1, 5, 10] {
            directory.remove(.sample("e\(serial)", serial: serial), latestCapture: 0, oldestCapture: 1)
        }
        var seen: [UInt32] = []
        var after: UInt32 = 0
        while true {
            let page = directory.page(after: after, limit: limit)
            #expect(page.endpoints.count <= limit)
            seen += page.endpoints.map(\.serial)
            guard page.hasMore, let last = page.endpoints.last else { break }
            after = last.serial
        }
        #expect(seen == [2, 3, 4, 6, 7, 8, 9])
        #expect(directory.all.map(\.serial) == seen)
        #expect(directory.page(after: 9, limit: limit).endpoints.isEmpty)
        #expect(!directory.page(after: 9, limit: limit).hasMore)
        #expect(directory.page(after: .max, limit: limit).endpoints.isEmpty)
    }

    @Test func namesTheDepartedWhileTheRingHoldsTheirSegments() {
        for serial in UInt32(1)...3 { publish("e\(serial)", serial: serial) }
        directory.remove(.sample("e1", serial: 1), latestCapture: 10, oldestCapture: 5)
        directory.remove(.sample("e2", serial: 2), latestCapture: 4, oldestCapture: 5)
        #expect(directory.name(of: 1) == "e1")
        #expect(directory.name(of: 2) == nil, "its last segment has left the ring")
        #expect(directory.name(of: 3) == "e3")
        #expect(directory.count == 1)

        // Among later departures, those whose segments have gone meanwhile are forgotten.
        for serial in UInt32(3)...67 {
            publish("e\(serial)", serial: serial)
            directory.remove(.sample("e\(serial)", serial: serial), latestCapture: 20, oldestCapture: 11)
        }
        #expect(directory.name(of: 1) == nil)
        #expect(directory.name(of: 3) == "e3")
    }

    @Test func aNewBearerDoesNotTakeTheNameFromTheOld() {
        publish("a", serial: 1)
        directory.remove(.sample("a", serial: 1), latestCapture: 10, oldestCapture: 1)
        publish("a", serial: 2)
        directory.remove(.sample("a", serial: 1), latestCapture: 10, oldestCapture: 1)
        #expect(directory.endpoint("a")?.serial == 2)
        #expect(directory.name(of: 1) == "a")
        #expect(directory.name(of: 2) == "a")
    }

    @Test func countsEachInItsPresentState() {
        #expect(directory.stateCounts == .init())
        for serial in UInt32(1)...5 { directory.publish(.sample("e\(serial)", serial: serial, state: .running)) }
        #expect(directory.stateCounts.running == 5)
        directory.publish(.sample("e1", serial: 1, state: .stopped))
        directory.publish(.sample("e2", serial: 2, state: .degraded(reason: "why")))
        directory.publish(.sample("e2", serial: 2, state: .degraded(reason: "another")))
        var expected = EndpointDirectory.StateCounts()
        (expected.running, expected.stopped, expected.degraded) = (3, 1, 1)
        #expect(directory.stateCounts == expected)
        for serial in UInt32(1)...5 {
            directory.remove(.sample("e\(serial)", serial: serial), latestCapture: 0, oldestCapture: 1)
            // Once more, of one that is gone.
            directory.remove(.sample("e\(serial)", serial: serial), latestCapture: 0, oldestCapture: 1)
        }
        #expect(directory.stateCounts == .init())
    }
}

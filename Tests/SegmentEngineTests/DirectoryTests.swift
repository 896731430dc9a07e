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

        // The next departure tidies up those whose segments have gone meanwhile.
        directory.remove(.sample("e3", serial: 3), latestCapture: 20, oldestCapture: 11)
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
}

@Suite struct TransmissionDirectoryTests {
    @Test(arguments: 1...6)
    func forgetsTheOldestFirst(capacity: Int) {
        let directory = TransmissionDirectory(capacity: capacity)
        for number in UInt64(1)...20 {
            let record = directory.begin(endpoint: "e", requested: number)
            #expect(record.number == number)
            #expect(record.state == .queued)
            for other in UInt64(1)...20 {
                let isRemembered = other <= number && other + UInt64(capacity) > number
                #expect(directory.transmission(other)?.requested == (isRemembered ? other : nil))
            }
        }
    }

    @Test func changesWhatIsRemembered() {
        let directory = TransmissionDirectory(capacity: 1)
        _ = directory.begin(endpoint: "a", requested: 2)
        directory.update(1) { record in
            record.outcomes = [.sent: 1, .blocked: 1]
            record.state = .done
        }
        #expect(directory.transmission(1)?.attempted == 2)
        #expect(directory.transmission(1)?.sent == 1)
        #expect(directory.transmission(1)?.state == .done)
        _ = directory.begin(endpoint: "a", requested: 1)
        directory.update(1) { _ in Issue.record("it is forgotten") }
        #expect(directory.transmission(1) == nil)
    }

    @Test func numbersGoOnAfterAllAreForgotten() {
        let directory = TransmissionDirectory(capacity: 3)
        for _ in 0..<5 { _ = directory.begin(endpoint: "a", requested: 1) }
        #expect(directory.removeAll() == 3)
        #expect(directory.removeAll() == 0)
        #expect(directory.transmission(5) == nil)
        for number in UInt64(6)...9 { #expect(directory.begin(endpoint: "a", requested: 1).number == number) }
        #expect(directory.transmission(6) == nil)
        #expect(directory.transmission(7)?.number == 7)
    }
}

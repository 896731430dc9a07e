import Testing

@testable import SegmentEngine

@Suite struct TransmissionDirectoryTests {
    /// Begins a transmission that ends at once.
    @discardableResult
    private func done(_ directory: TransmissionDirectory, requested: UInt64 = 1) -> TransmissionRecord {
        var record = directory.begin(endpoint: "e", requested: requested)
        record.state = .done
        directory.publish(record)
        return record
    }

    @Test(arguments: 1...6)
    func forgetsTheOldestFirst(capacity: Int) {
        let directory = TransmissionDirectory(capacity: capacity)
        for number in UInt64(1)...20 {
            let record = done(directory, requested: number)
            #expect(record.number == number)
            for other in UInt64(1)...20 {
                let isRemembered = other <= number && other + UInt64(capacity) > number
                #expect(directory.transmission(other)?.requested == (isRemembered ? other : nil))
            }
        }
    }

    /// One that is forgotten could be neither seen nor cancelled.
    @Test func remembersWhatIsUnderWayHoweverManyComeAfterIt() {
        let directory = TransmissionDirectory(capacity: 3)
        done(directory)
        var long = directory.begin(endpoint: "e", requested: 9)
        for _ in 0..<10 { done(directory) }
        #expect(directory.transmission(2)?.state == .queued)
        #expect(directory.page(after: 0, limit: 100).transmissions.map(\.number).contains(2))
        long.state = .sending
        directory.publish(long)
        done(directory)
        #expect(directory.transmission(2)?.state == .sending)
        long.state = .done
        directory.publish(long)
        for _ in 0..<4 { done(directory) }
        #expect(directory.transmission(2) == nil)
    }

    /// What is kept of it is then to go too.
    @Test func tellsWhichOfAnEarlierStartItForgets() {
        let directory = TransmissionDirectory(capacity: 2)
        #expect(directory.restore([.init(number: 3, restored: []), .init(number: 5, restored: [])], latest: 6) == [])
        var forgotten: [UInt64] = []
        for _ in 0..<4 {
            var record = directory.begin(endpoint: "e", requested: 1) { forgotten.append($0) }
            record.state = .done
            directory.publish(record)
        }
        #expect(forgotten == [3, 5])
    }

    @Test func changesWhatIsRemembered() {
        let directory = TransmissionDirectory(capacity: 1)
        var record = directory.begin(endpoint: "a", requested: 2)
        #expect(directory.transmission(1)?.state == .queued)
        record.outcomes[.sent] = 1
        record.outcomes[.blocked] = 1
        record.state = .done
        directory.publish(record)
        #expect(directory.transmission(1)?.attempted == 2)
        #expect(directory.transmission(1)?.sent == 1)
        #expect(directory.transmission(1)?.outcomes[.failed] == 0)
        #expect(directory.transmission(1)?.state == .done)
        _ = directory.begin(endpoint: "a", requested: 1)
        directory.publish(record)
        #expect(directory.transmission(1) == nil)
    }

    @Test func numbersGoOnAfterAllAreForgotten() {
        let directory = TransmissionDirectory(capacity: 3)
        for _ in 0..<5 { done(directory) }
        #expect(directory.removeAll() == 3)
        #expect(directory.removeAll() == 0)
        #expect(directory.transmission(5) == nil)
        #expect(directory.page(after: 0, limit: 9).transmissions.isEmpty)
        for number in UInt64(6)...9 { #expect(done(directory).number == number) }
        #expect(directory.transmission(6) == nil)
        #expect(directory.transmission(7)?.number == 7)
    }

    @Test(arguments: 1...6, 1...12)
    func pagesAreSlicesOfWhatIsRemembered(capacity: Int, limit: Int) {
        let directory = TransmissionDirectory(capacity: capacity)
        #expect(directory.page(after: 0, limit: limit).transmissions.isEmpty)
        for latest in UInt64(1)...9 {
            done(directory)
            let remembered = Array((UInt64(1)...latest).suffix(capacity))
            for after in UInt64(0)...10 {
                let rest = remembered.filter { $0 > after }
                let page = directory.page(after: after, limit: limit)
                #expect(page.transmissions.map(\.number) == Array(rest.prefix(limit)))
                #expect(page.hasMore == (rest.count > limit))
            }
        }
    }

    @Test(arguments: [2, 3, UInt64.max - 1, .max])
    func nothingComesAfterTheLast(number: UInt64) {
        let directory = TransmissionDirectory(capacity: 3)
        done(directory)
        done(directory)
        #expect(directory.page(after: number, limit: 10).transmissions.isEmpty)
        #expect(!directory.page(after: number, limit: 10).hasMore)
    }

    @Test(
        arguments: [
            (nil, nil, 5, nil), (0, nil, 5, nil), (10, 10, 5, nil), (0, 1_000_000_000, 0, nil),
            (0, 1_000_000_000, 1000, 1000.0), (1_000_000_000, 1_500_000_000, 500, 1000.0),
        ] as [(Int64?, Int64?, UInt64, Double?)])
    func theRateIsThatOfTheTimeBetweenFirstAndLast(from: Int64?, to: Int64?, sent: UInt64, expected: Double?) throws {
        var record = TransmissionRecord(number: 1, endpoint: "e", requested: 1000)
        record.startedAt = from
        record.endedAt = to
        record.outcomes[.sent] = sent
        record.outcomes[.blocked] = 7
        guard let expected else {
            #expect(record.rate == nil)
            return
        }
        // One segment more or less, as segments or the gaps between them are counted.
        let rate = try #require(record.rate)
        #expect(abs(rate - expected) <= expected / Double(sent) * 1.001)
    }

    @Test func countsThoseUnderWayAndThoseThatHaveEnded() {
        let directory = TransmissionDirectory(capacity: 2)
        #expect(directory.restore([.init(number: 3, restored: [])], latest: 3) == [])
        #expect(directory.stateCounts == .init(), "those of an earlier start are none of this one's")
        var records = (0..<5).map { _ in directory.begin(endpoint: "e", requested: 1) }
        var expected = TransmissionDirectory.StateCounts()
        expected.queued = 5
        #expect(directory.stateCounts == expected)
        for (index, state) in [TransmissionRecord.State.sending, .done, .cancelled, .lost].enumerated() {
            records[index].state = state
            directory.publish(records[index])
            directory.publish(records[index])
        }
        (expected.queued, expected.sending, expected.done, expected.cancelled, expected.lost) = (1, 1, 1, 1, 1)
        #expect(directory.stateCounts == expected)
        _ = directory.removeAll()
        (expected.queued, expected.sending) = (0, 0)
        #expect(directory.stateCounts == expected, "what has ended goes on counting")
        records[0].state = .done
        directory.publish(records[0])
        #expect(directory.stateCounts == expected, "one that is forgotten counts no more")
    }
}

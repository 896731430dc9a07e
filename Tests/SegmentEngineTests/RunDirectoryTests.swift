import Testing

@testable import SegmentEngine

@Suite struct RunDirectoryTests {
    private static let plan = RunPlan(name: "n", endpoints: [], steps: [.pause(nanoseconds: 1)])

    private func end(_ record: RunRecord, octets: Int = 0, in directory: RunDirectory) {
        var record = record
        record.state = .done
        record.steps[0].segment = RunSegment(
            number: nil, endpoint: nil, direction: .received, timestampNanoseconds: 0,
            octets: [UInt8](repeating: 0, count: octets))
        directory.publish(record)
    }

    private func numbers(_ directory: RunDirectory) -> [UInt64] {
        directory.page(after: 0, limit: 100).runs.map(\.number)
    }

    @Test(arguments: 1...6)
    func remembersTheLatestThatHaveEnded(capacity: Int) {
        let directory = RunDirectory(capacity: capacity, octetCapacity: 1000)
        let live = directory.begin(Self.plan, createdAt: 0)
        for number in UInt64(2)...20 {
            end(directory.begin(Self.plan, createdAt: 0), in: directory)
            let first = max(2, Int(number) - capacity + 1)
            #expect(numbers(directory) == [1] + (UInt64(first)...number))
        }
        #expect(directory.run(1)?.state == .queued, "what is live stays")
        end(live, in: directory)
        #expect(numbers(directory).contains(1), "and counts from its end on")
        #expect(numbers(directory).count == capacity)
    }

    @Test func remembersOnlySoManyOctets() {
        let directory = RunDirectory(capacity: 100, octetCapacity: 1000)
        for _ in 0..<5 { end(directory.begin(Self.plan, createdAt: 0), octets: 300, in: directory) }
        #expect(numbers(directory) == [3, 4, 5])
        directory.remove(4)
        #expect(numbers(directory) == [3, 5])
        end(directory.begin(Self.plan, createdAt: 0), octets: 400, in: directory)
        #expect(numbers(directory) == [3, 5, 6])
        end(directory.begin(Self.plan, createdAt: 0), octets: 5000, in: directory)
        #expect(numbers(directory) == [7], "the latest stays, however large")
        end(directory.begin(Self.plan, createdAt: 0), octets: 1, in: directory)
        #expect(numbers(directory) == [8])
    }

    @Test func whatIsForgottenDoesNotComeBack() {
        let directory = RunDirectory(capacity: 5, octetCapacity: 1000)
        let record = directory.begin(Self.plan, createdAt: 0)
        directory.remove(1)
        #expect(numbers(directory) == [1], "only what has ended is removed")
        #expect(directory.removeAll() == 1)
        end(record, in: directory)
        #expect(numbers(directory) == [])
        #expect(directory.begin(Self.plan, createdAt: 0).number == 2)
    }

    @Test func pagesFollowEachOther() {
        let directory = RunDirectory(capacity: 5, octetCapacity: 1000)
        for _ in 0..<4 { _ = directory.begin(Self.plan, createdAt: 0) }
        let first = directory.page(after: 0, limit: 3)
        #expect(first.runs.map(\.number) == [1, 2, 3])
        #expect(first.hasMore)
        let second = directory.page(after: 3, limit: 3)
        #expect(second.runs.map(\.number) == [4])
        #expect(!second.hasMore)
    }

    @Test func countsTheLiveAndTheVerdicts() {
        let directory = RunDirectory(capacity: 2, octetCapacity: 1000)
        _ = directory.restore([RunRecord(number: 7, restored: .init(json: [], xml: []))], latest: 7)
        #expect(directory.stateCounts == .init(), "those of an earlier start are none of this one's")
        var records = (0..<7).map { _ in directory.begin(Self.plan, createdAt: 0) }
        var expected = RunDirectory.StateCounts()
        expected.queued = 7
        #expect(directory.stateCounts == expected)
        records[0].state = .running
        directory.publish(records[0])
        for (index, verdict) in [RunRecord.Verdict.satisfied, .satisfied, .unsatisfied, .inconclusive].enumerated() {
            records[index].state = .done
            records[index].verdict = verdict
            directory.publish(records[index])
            directory.publish(records[index])
        }
        records[4].state = .cancelled
        directory.publish(records[4])
        records[5].state = .running
        directory.publish(records[5])
        (expected.queued, expected.running, expected.satisfied) = (1, 1, 2)
        (expected.unsatisfied, expected.inconclusive, expected.withoutVerdict) = (1, 1, 1)
        #expect(directory.stateCounts == expected)
        _ = directory.removeAll()
        (expected.queued, expected.running) = (0, 0)
        #expect(directory.stateCounts == expected, "verdicts go on counting")
    }
}

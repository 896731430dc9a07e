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
}

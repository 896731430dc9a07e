import CaptureFilter
import LinuxSystem
import Locking
import Testing

@testable import SegmentEngine

@Suite struct FilteredWaitTests {
    private final class Answers: Sendable {
        private let readings = Locked<[CaptureReading]>([])
        func add(_ reading: CaptureReading) { readings.withLock { $0.append(reading) } }
        var all: [CaptureReading] { readings.withLock { $0 } }
    }

    private static let hour: UInt64 = 3_600_000_000_000

    private let engine: EngineHandle
    private let answers = Answers()

    init() throws {
        var configuration = EngineConfiguration()
        configuration.ringSegments = 4000
        configuration.ringOctets = 4 << 20
        engine = try EngineHandle(configuration: configuration)
    }

    /// Keeps a datagram whose time to live tells it apart.
    private func capture(timeToLive: UInt8, count: Int = 1, octets: Int = 20) {
        let header: [UInt8] = [0x45, 0, 0, 20, 0, 0, 0, 0, timeToLive, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        let datagram = header + [UInt8](repeating: 0, count: octets - header.count)
        engine.captures.write { ring in
            for _ in 0..<count { _ = ring.append(.segment(), datagram.span) }
        }
    }

    private func lose(_ lost: UInt32) {
        let nothing: [UInt8] = []
        engine.captures.write { ring in _ = ring.append(.loss(of: lost, on: 1), nothing.span) }
    }

    private func wait(_ filter: String, count: Int, after: UInt64? = nil, limit: Int = 1000) throws {
        let query = try CaptureQuery(after: after, limit: limit, filter: CaptureFilter(filter))
        let reading = try engine.captures.reading(of: query, count: count)
        engine.watch.wait(reading, nanoseconds: Self.hour) { [answers] in answers.add($0) }
    }

    @Test func onlyWhatPassesIsWaitedFor() throws {
        var watcher = try CaptureWatcher(handle: engine)
        try wait("ip[8] = 7", count: 2)
        capture(timeToLive: 6, count: 300)
        capture(timeToLive: 7)
        while watcher.turn() == true {}
        #expect(answers.all.isEmpty)
        lose(5)
        capture(timeToLive: 6, count: 300)
        capture(timeToLive: 7)
        while watcher.turn() == true {}
        #expect(answers.all.map(\.page.numbers) == [[301, 603]])
        #expect(answers.all.map(\.page.lostInKernel) == [5])
        #expect(answers.all.map(\.page.next) == [603])
    }

    @Test func whatIsThereAlreadyCounts() throws {
        capture(timeToLive: 1, count: 100)
        capture(timeToLive: 2, count: 3)
        let query = try CaptureQuery(after: 0, filter: CaptureFilter("ip[8] = 2"))
        let reading = try engine.captures.reading(of: query, count: 2)
        #expect(reading.isSatisfied)
        #expect(reading.page.numbers.starts(with: [101, 102]))
    }

    /// What a reader may not hold is counted all the same, and read when it ends.
    @Test func largeOnesAreCountedBeyondWhatIsHeld() throws {
        var watcher = try CaptureWatcher(handle: engine)
        try wait("ip[8] = 3", count: 20)
        for _ in 0..<20 {
            capture(timeToLive: 2, count: 10)
            capture(timeToLive: 3, octets: 60_000)
            while watcher.turn() == true {}
        }
        var reading = try #require(answers.all.first)
        #expect(reading.isSatisfied)
        #expect(reading.page.items.count < 20)
        engine.captures.complete(&reading, in: engine.endpoints)
        #expect(reading.page.numbers == (1...20).map { $0 * 11 })
        #expect(reading.page.lostInRing == 0)
    }

    /// A follower is told of a loss before what comes after it, and never in the same page as what comes before it.
    @Test func aFollowerIsToldOfLossesInTheirPlace() throws {
        capture(timeToLive: 1, count: 5)
        lose(9)
        capture(timeToLive: 2)
        capture(timeToLive: 1)
        lose(1)
        lose(2)
        capture(timeToLive: 1)
        let query = try CaptureQuery(after: 0, filter: CaptureFilter("ip[8] = 1"))
        var follower = CaptureFollower(query, after: 0, of: engine)
        var pages: [CapturePage] = []
        while case .page(let page) = follower.next(wake: {}) { pages.append(page) }
        #expect(pages.map(\.numbers) == [[1, 2, 3, 4, 5], [8], [11]])
        #expect(pages.map(\.lostInKernel) == [0, 9, 3])
    }

    /// Whatever is captured while readers wait one after the other, each sees what the one before did not.
    @Test(arguments: UInt64(0)..<50)
    func nothingIsSeenTwiceOrMissed(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var watcher = try CaptureWatcher(handle: engine)
        var (expected, seen): ([UInt64], [UInt64]) = ([], [])
        var (sentLost, lost): (UInt64, UInt64) = (0, 0)
        var cursor: UInt64 = 0
        for round in 1...40 {
            try wait("ip[8] = 1", count: .random(in: 1...20, using: &generator), after: cursor, limit: 50)
            while answers.all.count < round {
                for _ in 0..<Int.random(in: 1...60, using: &generator) {
                    switch Int.random(in: 0..<6, using: &generator) {
                    case 0:
                        capture(timeToLive: 1)
                        expected.append(engine.captures.latestNumber)
                    case 1:
                        lose(3)
                        sentLost += 3
                    default: capture(timeToLive: 2)
                    }
                }
                _ = watcher.turn()
            }
            var reading = try #require(answers.all.last)
            engine.captures.complete(&reading, in: engine.endpoints)
            #expect(reading.page.items.count <= 50)
            seen += reading.page.numbers
            lost += reading.page.lostInKernel + reading.page.lostInRing
            cursor = reading.page.next
        }
        let rest = try engine.captures.page(
            for: CaptureQuery(after: cursor, limit: 100_000, filter: CaptureFilter("ip[8] = 1")))
        #expect(seen + rest.numbers == expected)
        #expect(lost + rest.lostInKernel == sentLost)
    }
}

import LinuxSystem
import Locking
import Testing

@testable import SegmentEngine

@Suite struct CaptureWatchTests {
    /// What readers were answered, in order.
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
        configuration.ringSegments = 3000
        configuration.ringOctets = 1 << 20
        engine = try EngineHandle(configuration: configuration)
    }

    /// Writes as the engine does.
    private func capture(_ records: [CaptureRecord], _ octets: [UInt8] = []) {
        engine.captures.write { ring in
            for record in records { _ = ring.append(record, octets.span) }
        }
        engine.watch.bell.strike()
    }

    private func wait(
        _ query: CaptureQuery = CaptureQuery(), count: Int = 1, nanoseconds: UInt64 = hour
    ) throws {
        let reading = try engine.captures.reading(of: query, count: count)
        engine.watch.wait(reading, nanoseconds: nanoseconds) { [answers] in answers.add($0) }
    }

    /// Whether the bell has been rung since it was last cleared.
    private func isRung() throws -> Bool {
        let epoll = try EpollInstance()
        try epoll.add(engine.watch.bell.notifier.descriptor, for: .readable, token: 0)
        var ready: [EpollInstance.Ready] = []
        try epoll.wait(milliseconds: 0, into: &ready)
        return !ready.isEmpty
    }

    @Test func theBellRingsOnceForEachTurnAndOnlyWhileSomebodyWaits() throws {
        var watcher = try CaptureWatcher(handle: engine)
        capture([.segment()])
        #expect(try !isRung())
        try wait(count: 3)
        #expect(try isRung())
        #expect(watcher.turn() == false)
        #expect(try !isRung())
        capture([.segment()])
        #expect(try isRung())
        engine.watch.bell.notifier.clear()
        capture([.segment()])
        #expect(try !isRung(), "it has been rung already")
        #expect(watcher.turn() == false)
        capture([.segment()])
        #expect(watcher.turn() == false)
        #expect(answers.all.map(\.page.numbers) == [[2, 3, 4]])
        #expect(watcher.turn() == false)
        capture([.segment()])
        #expect(try !isRung(), "nobody waits any more")
    }

    @Test func whoWaitsTooLongIsAnswered() throws {
        var watcher = try CaptureWatcher(handle: engine)
        try wait(count: 2, nanoseconds: 1)
        try wait(count: 2, nanoseconds: .max)
        capture([.segment()])
        #expect(watcher.turn() == false)
        #expect(answers.all.map(\.page.numbers) == [[1]])
        #expect(answers.all.map(\.isSatisfied) == [false])
    }

    @Test func aWatchThatIsOverAnswersNobody() throws {
        var watcher = try CaptureWatcher(handle: engine)
        try wait()
        engine.watch.shutDown()
        try wait()
        capture([.segment()])
        #expect(watcher.turn() == nil)
        #expect(answers.all.isEmpty)
    }

    /// Each turn looks at a part of what is new for each reader, so that none waits for another's long way.
    @Test func aLongWayIsTakenInSteps() throws {
        var watcher = try CaptureWatcher(handle: engine)
        for _ in 0..<5 { try wait(CaptureQuery(direction: .sent), count: 1) }
        #expect(watcher.turn() == false)
        capture(Array(repeating: .segment(), count: 2500) + [.segment(.sent)])
        #expect(watcher.turn() == true)
        #expect(answers.all.isEmpty)
        #expect(watcher.turn() == true)
        #expect(watcher.turn() == false)
        #expect(answers.all.map(\.page.numbers) == Array(repeating: [2501], count: 5))
    }

    /// A reader keeps what it has found, however much the ring gives up.
    @Test func whatWasFoundIsKept() throws {
        var watcher = try CaptureWatcher(handle: engine)
        try wait(CaptureQuery(direction: .sent), count: 3)
        for _ in 0..<3 {
            capture([.segment(.sent)])
            capture(Array(repeating: .segment(), count: 2900))
            while watcher.turn() == true {}
        }
        #expect(answers.all.map(\.page.numbers) == [[1, 2902, 5803]])
        #expect(answers.all.map(\.page.lostInRing) == [0])
    }

    /// What a reader may not hold stays in the ring; if the ring gives it up, that is counted.
    @Test func aReaderHoldsNoMoreThanItMay() throws {
        var watcher = try CaptureWatcher(handle: engine)
        try wait(count: 20)
        let large = [UInt8](repeating: 1, count: 60_000)
        for _ in 0..<4 {
            capture(Array(repeating: .segment(), count: 5), large)
            while watcher.turn() == true {}
        }
        var reading = try #require(answers.all.first)
        #expect(reading.isSatisfied)
        #expect(reading.page.numbers == [1, 2, 3, 4, 5])
        engine.captures.complete(&reading, in: engine.endpoints)
        // 17 of 60,000 octets are all the ring has room for.
        #expect(reading.page.numbers == Array(1...20))
        #expect(reading.page.lostInRing == 0)
        capture(Array(repeating: .segment(), count: 4), large)
        var late = try #require(answers.all.first)
        engine.captures.complete(&late, in: engine.endpoints)
        #expect(late.page.numbers == Array(1...5) + Array(8...24))
        #expect(late.page.lostInRing == 2)
    }

    @Test func aLossIsAnAnswerToWhoAsksForIt() throws {
        var watcher = try CaptureWatcher(handle: engine)
        let reading = CaptureReading(CaptureQuery(), after: 0, tellsLosses: true)
        engine.watch.wait(reading, nanoseconds: Self.hour) { [answers] in answers.add($0) }
        try wait()
        capture([.loss(of: 4, on: 1)])
        #expect(watcher.turn() == false)
        #expect(answers.all.map(\.page.lostInKernel) == [4])
    }

    /// Losses count for whatever socket the endpoint has while it waits, and for those it had.
    @Test func aReaderFollowsItsEndpointToOtherSockets() throws {
        var watcher = try CaptureWatcher(handle: engine)
        func publish(sockets: [UInt32]) {
            engine.endpoints.publish(
                EndpointRecord(
                    id: "e", serial: 1, definition: EndpointDefinition(preset: .server), state: .running,
                    activeGuard: .none, cursor: 0, warnings: [], createdAt: 0, startedAt: 0,
                    counters: EngineCounters(), socket: nil, earlierSockets: sockets, earlierDrops: 0))
        }
        publish(sockets: [5])
        try wait(CaptureQuery(subject: .init(endpoint: 1, socket: 5)), count: 1)
        capture([.loss(of: 1, on: 5), .loss(of: 10, on: 4)])
        #expect(watcher.turn() == false)
        publish(sockets: [5, 6])
        capture([.loss(of: 100, on: 6), .loss(of: 1000, on: 5), .segment()])
        #expect(watcher.turn() == false)
        #expect(answers.all.map(\.page.lostInKernel) == [1101])
    }

    @Test func whoWaitsForAnEndpointThatGoesIsAnswered() throws {
        var watcher = try CaptureWatcher(handle: engine)
        let endpoint = EndpointRecord.sample("e", serial: 1)
        engine.endpoints.publish(endpoint)
        try wait(CaptureQuery(subject: .init(of: endpoint)), count: 2)
        #expect(watcher.turn() == false)
        capture([.segment()])
        engine.endpoints.remove(endpoint, latestCapture: 1, oldestCapture: 1)
        engine.watch.bell.strike()
        #expect(try isRung())
        #expect(watcher.turn() == false)
        #expect(answers.all.map(\.page.numbers) == [[1]])
    }

    /// Whatever is captured while readers wait one after the other, each sees what the one before did not.
    @Test(arguments: UInt64(0)..<50)
    func nothingIsSeenTwiceOrMissed(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var watcher = try CaptureWatcher(handle: engine)
        var (sent, received, lost): (UInt64, Int, UInt64) = (0, 0, 0)
        var cursor: UInt64 = 0
        for round in 1...40 {
            try wait(CaptureQuery(after: cursor, limit: 100), count: .random(in: 1...100, using: &generator))
            while answers.all.count < round {
                let records: [CaptureRecord] = (0..<Int.random(in: 1...120, using: &generator)).map { _ in
                    Bool.random(using: &generator) ? .segment(endpoint: 1) : .loss(of: 3, on: 1)
                }
                sent += records.reduce(0) { $0 + ($1.kind == .loss ? 3 : 1) }
                capture(records)
                _ = watcher.turn()
            }
            var reading = try #require(answers.all.last)
            engine.captures.complete(&reading, in: engine.endpoints)
            #expect(reading.page.items.first.map { $0.number > cursor } ?? true)
            received += reading.page.items.count
            lost += reading.page.lostInKernel + reading.page.lostInRing
            cursor = reading.page.next
        }
        let rest = try engine.captures.page(for: CaptureQuery(after: cursor, limit: 100_000))
        #expect(UInt64(received + rest.items.count) + lost + rest.lostInKernel == sent)
        #expect(rest.next == engine.captures.latestNumber)
    }
}

import Glibc
import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Running {
        private static let second: UInt64 = 1_000_000_000

        @Test(arguments: [SocketKind.shared, .own], [EpollTrigger.level, .edge])
        func whatIsSentArrivesAndIsTakenOnce(kind: SocketKind, trigger: EpollTrigger) async throws {
            let bench = try Bench()
            try await bench.createPair { definition in
                definition.socket = kind
                definition.trigger = trigger
            }
            for _ in 0..<50 {
                let run = try await bench.run(
                    [
                        .send(first: 7), .expect(7), .send(from: 1, first: 8), .expect(8, at: 0), .send(3, first: 20),
                        .expect(22), .expect(20), .expect(21), .expectNone(nil, for: 0),
                        .expectNone(nil, at: 0, for: 0),
                    ], at: ["a", "b"])
                #expect(run.verdict == .satisfied, "\(run)")
                #expect(run.lostInKernel == 0)
                let segments = run.steps.filter { $0.kind == .expect }.map {
                    $0.segment?.octets.span.bigEndianUInt32(at: 24)
                }
                #expect(segments == [7, 8, 22, 20, 21])
            }
        }

        /// What was sent before a run is none of it, though nobody has read it.
        @Test func whatCameBeforeIsNoneOfIt() async throws {
            let bench = try Bench()
            try await bench.createPair()
            for _ in 0..<50 {
                _ = try await bench.begin(.numbered(200), from: "a")
                let sent = try await bench.run([.send(first: 1_000_000), .expect(1_000_000)], at: ["a", "b"])
                #expect(sent.verdict == .satisfied)
                let run = try await bench.run([.expectNone(nil, for: 0)], at: ["a", "b"])
                #expect(run.verdict == .satisfied, "\(run)")
            }
        }

        @Test func theLongestScenarioKeepsUp() async throws {
            let bench = try Bench()
            try await bench.createPair()
            let exchanges = (0..<500).flatMap { number in
                [RunPlan.Step.send(first: UInt32(number)), .expect(UInt64(number))]
            }
            let run = try await bench.run(exchanges, at: ["a", "b"])
            #expect(run.verdict == .satisfied)
            #expect(run.steps.count == RunPlan.maximumSteps)
            #expect(run.steps.allSatisfy { $0.state == .passed && $0.at != nil && $0.tookNanoseconds != nil })
        }

        /// With more than it remembers, an earlier step sees all and a later one knows what it has missed.
        @Test func moreThanItRemembersIsMissedOnlyByLaterSteps() async throws {
            let bench = try Bench()
            try await bench.createPair()
            let count = UInt64(RunPlan.maximumBacklog) + 1000
            let whole = try await bench.run(
                [.send(count), .expect(count - 1), .expect(count - 2), .expectNone(count, for: 0, since: 0)],
                at: ["a", "b"])
            #expect(whole.steps.map(\.state) == [.passed, .passed, .passed, .inconclusive])
            #expect(whole.verdict == .inconclusive)
            #expect(whole.lostInRing >= 1000)
            let later = try await bench.run(
                [.send(count), .expect(count - 1), .expectNone(nil, for: 0, since: 2)], at: ["a", "b"])
            #expect(later.verdict == .satisfied)
        }

        @Test func aTinyBufferMakesSilenceUncertainAndCountsExactly() async throws {
            let bench = try Bench { $0.receiveBufferOctets = 4096 }
            try await bench.createPair()
            let receiver = try #require(bench.handle.endpoints.endpoint("b"))
            var inconclusive = 0
            for _ in 0..<10 {
                let before = receiver.counters.segmentsReceived
                let run = try await bench.run(
                    [.send(5000), .expectNone(.max, for: 1_000_000)], at: ["a", "b"])
                let received = receiver.counters.segmentsReceived - before
                #expect(received + run.lostInKernel == 5000)
                #expect(run.verdict == (run.lostInKernel > 0 ? .inconclusive : .satisfied))
                if run.verdict == .inconclusive { inconclusive += 1 }
            }
            #expect(inconclusive > 0)
        }

        @Test func thoseOfOneEndpointTakeTurnsAndAllEnd() async throws {
            let bench = try Bench()
            try await bench.createPair()
            try await bench.create(.quiet("c", port: 49_002, remote: 49_003))
            var begun: [RunRecord] = []
            for number in 0..<100 {
                let endpoints = number.isMultiple(of: 10) ? ["a", "b", "c"] : ["a", "b"]
                begun.append(
                    try await bench.beginRun(
                        [.send(first: UInt32(number)), .expect(UInt64(number)), .expectNone(nil, for: 100_000)],
                        at: endpoints))
            }
            var latest: Int64 = 0
            for run in begun {
                let ended = try await bench.end(of: run)
                #expect(ended.verdict == .satisfied, "\(ended)")
                #expect(try #require(ended.startedAt) >= latest)
                latest = try #require(ended.endedAt)
            }
        }

        @Test func aCancelledOneMakesRoomAndSendsNoMore() async throws {
            let bench = try Bench()
            try await bench.createPair()
            let endless = RunPlan.Step.send(.numbered(TransmissionPlan.endless), from: 0)
            let first = try await bench.beginRun([endless], at: ["a"])
            let second = try await bench.beginRun([.expectNone(1, for: 0)], at: ["a", "b"])
            #expect(eventually { bench.handle.runs.run(first.number)?.state == .running })
            #expect(bench.handle.runs.run(second.number)?.state == .queued)
            let cancelled = try await bench.ask { .endRun(first.number, $0) }
            #expect(cancelled?.state == .cancelled)
            #expect(try await bench.end(of: second).verdict == .satisfied)
            let sent = try #require(bench.handle.endpoints.endpoint("a")).counters.segmentsSent.value
            await bench.settle()
            #expect(try #require(bench.handle.endpoints.endpoint("a")).counters.segmentsSent.value == sent)
        }

        /// Without a guard the kernel answers what arrives at the port, and the run sees it do so.
        @Test func theKernelsOwnResetIsANearMiss() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 49_000, remote: 49_001))
            try await bench.create(.quiet("b", port: 49_001, remote: 49_000) { $0.guardChoice = .exactly(.none) })
            var plan = TransmissionPlan.numbered(1)
            plan.steps[0].template.flags = .syn
            let run = try await bench.run(
                [.send(plan, from: 0), .expect(99, within: 50_000_000)], at: ["a", "b"])
            #expect(run.verdict == .unsatisfied)
            let misses = run.steps[1].nearMisses
            #expect(misses.map(\.segment.direction) == [.kernel, .received])
            #expect(misses.first?.segment.octets[33] == (TCPFlags.rst.rawValue | TCPFlags.ack.rawValue))
        }

        @Test func theEngineRestsWhileItWaits() async throws {
            let bench = try Bench()
            try await bench.createPair()
            let run = try await bench.beginRun([.expect(1, within: 3600 * Self.second)], at: ["a", "b"])
            #expect(eventually { bench.handle.runs.run(run.number)?.steps[0].state == .running })
            let begun = Clock.monotonicNanoseconds
            let busy = clock()
            #expect(eventually { Clock.monotonicNanoseconds - begun > 200_000_000 })
            #expect(Double(clock() - busy) / Double(CLOCKS_PER_SEC) < 0.1, "of 0.2")
            _ = try await bench.send(.numbered(1, from: 1), from: "a")
            #expect(try await bench.end(of: run).verdict == .satisfied)
        }

        @Test func theSilenceLastsAsLongAsItShould() async throws {
            let bench = try Bench()
            try await bench.createPair()
            let run = try await bench.run(
                [.expectNone(nil, for: 30_000_000), .pause(nanoseconds: 20_000_000)], at: ["a", "b"])
            #expect(run.verdict == .satisfied)
            let took = run.steps.compactMap(\.tookNanoseconds)
            #expect(took[0] >= 30_000_000)
            #expect(took[1] >= 20_000_000)
        }
    }
}

import Glibc
import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Waiting {
        private static let hour: UInt64 = 3_600_000_000_000

        private func answer(
            _ bench: Bench, _ plan: TransmissionPlan, wait nanoseconds: UInt64?
        ) async throws -> (transmission: TransmissionRecord, nanoseconds: UInt64) {
            let start = Clock.monotonicNanoseconds
            let transmission = try await bench.ask { .send(plan, from: "a", waitNanoseconds: nanoseconds, $0) }
            return (transmission: transmission, nanoseconds: Clock.monotonicNanoseconds - start)
        }

        @Test(arguments: [Pacing.none, .rate(perSecond: 10_000), .interval(nanoseconds: 100_000)])
        func whoWaitsIsToldTheEnd(pacing: Pacing) async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 48_000, remote: 48_001))
            for wait in [Self.hour, .max] {
                let (transmission, took) = try await answer(bench, .numbered(500, pacing: pacing), wait: wait)
                #expect(transmission.state == .done)
                #expect(transmission.sent == 500)
                #expect(took < 10_000_000_000)
                #expect(bench.now(transmission).state == .done, "readers know as much")
                #expect(bench.now(transmission).sent == 500)
            }
        }

        @Test(arguments: [0, 1_000_000, 50_000_000] as [UInt64])
        func whoWaitsLongEnoughIsToldHowFarItIs(wait: UInt64) async throws {
            let bench = try Bench()
            let sender = try await bench.create(.quiet("a", port: 48_000, remote: 48_001))
            let slow = TransmissionPlan.numbered(2, pacing: .interval(nanoseconds: Self.hour))
            for plan in [slow, .numbered(TransmissionPlan.endless)] {
                let before = sender.counters.segmentsSent.value
                let (transmission, took) = try await answer(bench, plan, wait: wait)
                #expect(took >= wait)
                #expect(took < wait + 5_000_000_000)
                #expect(!transmission.hasEnded)
                #expect(transmission.sent <= sender.counters.segmentsSent.value - before)
                let last = try await bench.cancel(transmission)
                #expect(last.state == .cancelled)
                #expect(last.sent >= transmission.sent)
                if plan == slow { #expect(last.sent == 1) }
            }
        }

        @Test func whoDoesNotWaitIsToldAtOnce() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 48_000, remote: 48_001))
            let (transmission, took) = try await answer(
                bench, .numbered(2, pacing: .interval(nanoseconds: Self.hour)), wait: nil)
            #expect(took < 5_000_000_000)
            #expect(!transmission.hasEnded)
        }

        /// What waits for a far deadline costs nothing, however far it is.
        @Test(arguments: [hour, 24 * 365 * hour, .max / 2, .max] as [UInt64])
        func theEngineRestsUntilTheNextIsDue(interval: UInt64) async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 48_000, remote: 48_001))
            let transmission = try await bench.begin(
                .numbered(3, pacing: .interval(nanoseconds: interval)), from: "a")
            #expect(eventually { bench.now(transmission).sent == 1 })
            let begun = Clock.monotonicNanoseconds
            let busy = clock()
            #expect(eventually { Clock.monotonicNanoseconds - begun > 200_000_000 })
            let seconds = Double(clock() - busy) / Double(CLOCKS_PER_SEC)
            #expect(seconds < 0.1, "of 0.2")
            #expect(bench.now(transmission).sent == 1)
        }
    }
}

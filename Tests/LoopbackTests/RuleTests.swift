import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Answering {
        private func endpoint(
            _ bench: Bench, pace: UInt64, limit: Int?, match: SegmentMatch = SegmentMatch(), reply: Int = 1
        ) async throws -> EndpointRecord {
            try await bench.create(
                .quiet("e", port: 44_000, remote: 44_001) { definition in
                    definition.rules = [
                        Rule(
                            name: nil, match: match, reply: Array(repeating: SegmentTemplate(), count: reply),
                            paceNanoseconds: pace, limit: limit)
                    ]
                })
        }

        /// Sends segments to the endpoint; the sender stays, or the kernel would answer the answers.
        private func provoke(_ times: Int, flags: TCPFlags = .syn, by intruder: inout Intruder) throws {
            let datagram = try TCPDatagram.loopback(from: 44_001, to: 44_000, flags: flags).encoded()
            #expect(intruder.send(Array(repeating: datagram, count: times)) == times)
        }

        @Test(arguments: [0, 1, 3, 50])
        func noMoreOftenThanItsLimit(limit: Int) async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let endpoint = try await endpoint(bench, pace: 0, limit: limit)
            try provoke(60, by: &intruder)
            #expect(eventually { endpoint.counters.segmentsReceived == 60 })
            await bench.settle()
            #expect(endpoint.counters.replies.value == UInt64(limit))
            #expect(endpoint.counters.repliesSuppressed.value == 0)
        }

        @Test func noSoonerThanItsPace() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let pace: UInt64 = 30_000_000
            let endpoint = try await endpoint(bench, pace: pace, limit: 5)
            try provoke(20, by: &intruder)
            #expect(eventually { endpoint.counters.replies.value == 5 })
            let page = try bench.handle.captures.page(for: CaptureQuery(direction: .sent))
            let times = page.items.map(\.record.timestampNanoseconds)
            #expect(times.count == 5)
            // From the first to the last, because lateness of one does not delay the next.
            if let first = times.first, let last = times.last { #expect(last - first >= Int64(4 * pace) - 5_000_000) }
        }

        @Test func sixtyFourWaitAndTheRestIsCountedAsSuppressed() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let endpoint = try await endpoint(bench, pace: 3_600_000_000_000, limit: nil)
            try provoke(100, by: &intruder)
            #expect(eventually { endpoint.counters.segmentsReceived == 100 })
            await bench.settle()
            #expect(endpoint.counters.replies.value == 1)
            #expect(endpoint.counters.repliesSuppressed.value == 35)
            #expect(bench.handle.totals.repliesSuppressed.value == 35)
        }

        @Test func withAsManySegmentsAsItSays() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let endpoint = try await endpoint(bench, pace: 0, limit: nil, reply: 3)
            try provoke(10, by: &intruder)
            #expect(eventually { endpoint.counters.replies.value == 30 })
            #expect(endpoint.counters.segmentsSent.value == 30)
        }

        @Test func onlyWhatMatches() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            var match = SegmentMatch()
            match.flags = .syn
            match.withoutFlags = .rst
            let endpoint = try await endpoint(bench, pace: 0, limit: nil, match: match)
            for flags: TCPFlags in [.syn, [.syn, .rst], .ack, [.syn, .ack]] {
                try provoke(5, flags: flags, by: &intruder)
            }
            #expect(eventually { endpoint.counters.segmentsReceived == 20 })
            await bench.settle()
            #expect(endpoint.counters.replies.value == 10)
        }

        /// An endpoint that gets its own segments, because it is its own remote, does not answer itself.
        @Test func neverItself() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(
                .quiet("e", port: 44_000, remote: 44_000) { definition in
                    definition.rules = EndpointDefinition(preset: .server).rules
                    definition.rules[0].paceNanoseconds = 0
                })
            try await bench.send(SegmentTemplate(), from: "e")
            #expect(eventually { endpoint.counters.segmentsReceived == 1 })
            await bench.settle()
            #expect(endpoint.counters.replies.value == 0)
        }
    }
}

import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Sharing {
        private func create(_ bench: Bench, _ socket: SocketKind) async throws {
            try await bench.create(.quiet("a", port: 49_000, remote: 49_009) { $0.socket = socket })
            try await bench.create(.quiet("b", port: 49_001, remote: 49_009) { $0.socket = socket })
        }

        /// Of one endpoint, of two on one socket, and of two on sockets of their own.
        @Test(arguments: [("a", SocketKind.shared), ("b", .shared), ("b", .own)], [0, 1000])
        func twoAtFullSpeedGetAsMuch(by other: (id: String, socket: SocketKind), payload: Int) async throws {
            let bench = try Bench()
            try await create(bench, other.socket)
            let plan = TransmissionPlan.numbered(TransmissionPlan.endless) {
                $0.payload = Array(repeating: 7, count: payload)
            }
            let first = try await bench.begin(plan, from: "a")
            let second = try await bench.begin(plan, from: other.id)
            #expect(eventually(seconds: 30) { bench.now(first).sent >= 50_000 })
            let (one, two) = (try await bench.cancel(first), try await bench.cancel(second))
            let ratio = Double(two.sent) / Double(one.sent)
            #expect((0.9...1.1).contains(ratio), "\(one.sent) and \(two.sent)")
        }

        @Test(
            arguments: [
                (.rate(perSecond: 100), 100), (.rate(perSecond: 1000), 1000), (.rate(perSecond: 20_000), 20_000),
                (.interval(nanoseconds: 2_000_000), 500), (.interval(nanoseconds: 33_333), 30_000),
            ] as [(Pacing, UInt64)])
        func isNeverAheadOfItsPace(pacing: Pacing, count: UInt64) async throws {
            let bench = try Bench()
            try await create(bench, .shared)
            let receiver = try await bench.create(.quiet("r", port: 49_009, remote: nil))
            let expected = Double(pacing.offset(of: count - 1))
            let transmission = try await bench.send(.numbered(count, pacing: pacing), from: "a")
            #expect(transmission.outcomes.present == [.sent: count])
            let (from, to) = (try #require(transmission.startedAt), try #require(transmission.endedAt))
            let took = Double(to - from)
            // Never ahead of its pace; how far behind is the host's affair, and the benchmark's to measure.
            #expect(took > 0.99 * expected, "\(took / 1e9) s for \(expected / 1e9)")
            let rate = try #require(transmission.rate)
            #expect(rate < 1.02 * Double(count) * 1e9 / expected)
            let lateness = try #require(transmission.lateness)
            #expect(lateness.median <= lateness.percentile99)
            #expect(lateness.percentile99 <= lateness.maximum)
            #expect(eventually { receiver.counters.segmentsReceived == count })
            #expect(receiver.kernelDrops == 0)
        }

        @Test(arguments: SocketKind.allCases, [0, 1000])
        func aPacedOneIsOnTimeBesideTwoAtFullSpeed(socket: SocketKind, payload: Int) async throws {
            let bench = try Bench()
            try await create(bench, socket)
            for id in ["a", "b"] { _ = try await bench.begin(.numbered(TransmissionPlan.endless), from: id) }
            let paced = try await bench.send(
                .numbered(300, pacing: .rate(perSecond: 1000)) { $0.payload = Array(repeating: 7, count: payload) },
                from: "a")
            #expect(paced.outcomes.present == [.sent: 300])
            let lateness = try #require(paced.lateness)
            #expect(lateness.median < 500_000_000, "starved: \(lateness)")
        }

        @Test(arguments: SocketKind.allCases)
        func receivingAndCommandsGoOnBesideThem(socket: SocketKind) async throws {
            let bench = try Bench()
            try await create(bench, socket)
            let receiver = try await bench.create(.quiet("r", port: 49_002, remote: nil) { $0.socket = socket })
            let flood = try await bench.begin(.numbered(TransmissionPlan.endless), from: "a")
            #expect(eventually { bench.now(flood).sent > 1000 })
            var intruder = try Intruder(playing: 49_003)
            let datagram = try TCPDatagram.loopback(from: 49_003, to: 49_002).encoded()
            for round in UInt64(1)...20 {
                #expect(intruder.send(Array(repeating: datagram, count: 50)) == 50)
                #expect(eventually { receiver.counters.segmentsReceived == 50 * round })
                await bench.settle()
            }
            #expect(receiver.kernelDrops == 0)
            #expect(bench.now(flood).state == .sending)
        }

        @Test func anEndpointAnswersWhileItTransmits() async throws {
            let bench = try Bench()
            let server = try await bench.create(
                .quiet("a", port: 49_000, remote: nil) { definition in
                    definition.rules = EndpointDefinition(preset: .server).rules
                    definition.rules[0].paceNanoseconds = 0
                })
            let flood = try await bench.begin(
                .numbered(TransmissionPlan.endless) { template in
                    template.ip.destination = .loopback
                    template.destinationPort = 49_009
                }, from: "a")
            var intruder = try Intruder(playing: 49_003)
            let datagram = try TCPDatagram.loopback(from: 49_003, to: 49_000).encoded()
            #expect(intruder.send(Array(repeating: datagram, count: 500)) == 500)
            #expect(eventually { server.counters.replies.value == 500 })
            let last = try await bench.cancel(flood)
            await bench.settle()
            #expect(server.counters.segmentsSent.value == 500 + last.sent)
        }
    }
}

import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Guarding {
        @Test(arguments: KernelGuard.byPreference)
        func aGuardedPortGivesNoAnswer(kind: KernelGuard) async throws {
            // Without the privilege for them there is nothing to test.
            guard kind == .md5 || Capability.netAdmin.isEffective else { return }
            let bench = try Bench()
            let endpoint = try await bench.create(
                .quiet("e", port: 42_000, remote: nil) { $0.guardChoice = .exactly(kind) })
            #expect(endpoint.activeGuard == kind)
            let client = try KernelClient(to: 42_000)
            #expect(eventually { endpoint.counters.received(.syn) == 1 })
            #expect(client.outcome(within: 300) == nil)
            #expect(endpoint.counters.kernelResets.value == 0)

            // Whatever else arrives there draws no reset either.
            var intruder = try Intruder(playing: 42_001)
            let all = try (UInt8.min...UInt8.max).map { bits in
                try TCPDatagram.loopback(from: 42_001, to: 42_000, flags: TCPFlags(rawValue: bits)).encoded()
            }
            #expect(intruder.send(all) == 256)
            #expect(eventually { endpoint.counters.segmentsReceived >= 257 })
            await bench.settle()
            #expect(endpoint.counters.kernelResets.value == 0)

            // What we make ourselves leaves all the same.
            var reset = SegmentTemplate()
            reset.flags = .rst
            reset.destinationPort = 42_002
            reset.ip.destination = .loopback
            let peer = try await bench.create(.quiet("peer", port: 42_002, remote: 42_000))
            #expect(try await bench.send(reset, from: "e").outcomes.present == [.sent: 1])
            #expect(eventually { peer.counters.received(.rst) == 1 })
        }

        @Test func anUnguardedPortIsRefusedByTheKernelAndThatShows() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(
                .quiet("e", port: 42_000, remote: nil) { $0.guardChoice = .exactly(.none) })
            #expect(endpoint.activeGuard == .none)
            let client = try KernelClient(to: 42_000)
            #expect(client.outcome(within: 5_000) == .connectionRefused)
            #expect(eventually { endpoint.counters.kernelResets.value == 1 })
            #expect(bench.handle.totals.kernelResets.value == 1)
        }

        /// The endpoint plays a server's part of the handshake, and the kernel's client believes it.
        @Test func aKernelClientConnectsToARule() async throws {
            let bench = try Bench()
            var accept = SegmentTemplate()
            accept.flags = [.syn, .ack]
            accept.sequenceNumber = .value(5000)
            accept.acknowledgmentNumber = .received(.end, plus: 0)
            var match = SegmentMatch()
            match.flags = .syn
            let endpoint = try await bench.create(
                .quiet("e", port: 42_000, remote: nil) { definition in
                    definition.rules = [
                        Rule(name: nil, match: match, reply: [accept], paceNanoseconds: 0, limit: nil)
                    ]
                })
            let client = try KernelClient(to: 42_000)
            #expect(client.outcome(within: 5_000) == Errno(rawValue: 0))
            #expect(eventually { endpoint.counters.received(.ack) == 1 })
            #expect(endpoint.counters.replies.value == 1)
            let last = try #require(bench.datagrams(endpoint).last)
            #expect(try TCPDatagram(copying: last.span).segment.acknowledgmentNumber.rawValue == 5001)
        }

        @Test func endpointsOfOnePortShareAGuard() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 42_000, remote: 1))
            try await bench.create(.quiet("b", port: 42_000, remote: 2))
            func isFree() -> Bool {
                (try? PortReservation(address: IPv4Address.loopback.rawValue, port: 42_000, silence: .none)) != nil
            }
            try await bench.remove("a")
            #expect(!isFree())
            try await bench.remove("b")
            #expect(isFree())
        }
    }
}

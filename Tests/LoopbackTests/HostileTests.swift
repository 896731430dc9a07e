import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Surviving {
        private func endpoint(_ bench: Bench) async throws -> EndpointRecord {
            try await bench.create(
                .quiet("e", port: 47_000, remote: nil) { definition in
                    definition.rules = EndpointDefinition(preset: .server).rules
                    definition.rules[0].paceNanoseconds = 0
                    definition.rules[0].limit = 100
                })
        }

        /// Still receives and sends.
        private func expectAlive(_ bench: Bench, _ endpoint: EndpointRecord) async throws {
            let before = endpoint.counters.segmentsReceived
            var template = SegmentTemplate()
            template.ip.destination = .loopback
            template.sourcePort = 47_001
            template.destinationPort = 47_000
            #expect(try await bench.send(template, from: "e").outcomes.present == [.sent: 1])
            #expect(eventually { endpoint.counters.segmentsReceived == before + 1 })
        }

        @Test func everyPrefixOfADatagram() async throws {
            let bench = try Bench()
            let endpoint = try await endpoint(bench)
            var intruder = try Intruder(playing: 47_001)
            let whole = try TCPDatagram.loopback(from: 47_001, to: 47_000, payload: Array("Hello server".utf8))
                .encoded()
            // The kernel takes none without a whole IPv4 header.
            #expect(intruder.send((1..<20).map { Array(whole.prefix($0)) }) == 0)
            #expect(intruder.send((20...whole.count).map { Array(whole.prefix($0)) }) == whole.count - 19)
            // A filter sees the port of what has at least four octets of segment.
            #expect(eventually { endpoint.counters.segmentsReceived == UInt64(whole.count - 23) })
            #expect(endpoint.counters.malformed == 16)
            #expect(bench.datagrams(endpoint).map(\.count) == Array(24...whole.count))
            try await expectAlive(bench, endpoint)
        }

        @Test func everyFlippedBitOfADatagram() async throws {
            let bench = try Bench()
            let endpoint = try await endpoint(bench)
            var datagram = TCPDatagram.loopback(from: 47_001, to: 47_000, payload: Array("Hello server".utf8))
            datagram.segment.options = [2, 4, 5, 180, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 1]
            let whole = try datagram.encoded()
            let flipped = (0..<whole.count * 8).map { bit in
                var damaged = whole
                damaged[bit / 8] ^= 1 << (bit % 8)
                return damaged
            }
            var intruder = try Intruder(playing: 47_001)
            _ = intruder.send(flipped)
            // All but those whose destination port was hit, at the least.
            let inSegment = UInt64((whole.count - 20) * 8 - 16)
            #expect(eventually { endpoint.counters.segmentsReceived >= inSegment })
            await bench.settle()
            #expect(endpoint.counters.malformed > 0)
            try await expectAlive(bench, endpoint)
        }

        @Test(arguments: UInt64(0)..<4)
        func twentyThousandRandomDatagrams(seed: UInt64) async throws {
            let bench = try Bench()
            let endpoint = try await endpoint(bench)
            var generator = SeededGenerator(seed: seed)
            var intruder = try Intruder(playing: 47_001)
            let header = try TCPDatagram.loopback(from: 47_001, to: 47_000).encoded().prefix(24)
            var sent = 0
            for _ in 0..<20 {
                let datagrams = (0..<250).map { _ in
                    header + generator.octets(count: Int.random(in: 0...100, using: &generator))
                }
                sent += intruder.send(datagrams.map { Array($0) })
            }
            #expect(sent == 5000)
            let counters = endpoint.counters
            #expect(eventually { counters.segmentsReceived == 5000 })
            #expect(endpoint.kernelDrops == 0)
            #expect(counters.malformed > 0)
            #expect(counters.malformed < counters.segmentsReceived)
            try await expectAlive(bench, endpoint)
        }

        @Test func whateverTheKernelLetsThrough() async throws {
            let bench = try Bench()
            let endpoint = try await endpoint(bench)
            var generator = SeededGenerator(seed: 99)
            var intruder = try Intruder(playing: 47_001)
            let header = try TCPDatagram.loopback(from: 47_001, to: 47_000).encoded()
            for _ in 0..<40 {
                let datagrams = (0..<250).map { _ in
                    var octets = header + generator.octets(count: Int.random(in: 0...100, using: &generator))
                    // The addresses stay, or nothing would arrive.
                    for place in [0, 1, 6, 8, 9, 20, 21, 32, 33] where Int.random(in: 0..<4, using: &generator) == 0 {
                        octets[place] = UInt8.random(in: 0...255, using: &generator)
                    }
                    return octets
                }
                _ = intruder.send(datagrams)
            }
            #expect(eventually { endpoint.counters.segmentsReceived > 100 })
            await bench.settle()
            try await expectAlive(bench, endpoint)
        }

        @Test func theLargestDatagram() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 47_000, remote: 47_001))
            let receiver = try await bench.create(.quiet("b", port: 47_001, remote: 47_000))
            var generator = SeededGenerator(seed: 3)
            var template = SegmentTemplate()
            template.payload = generator.octets(count: 65_495)
            #expect(try await bench.send(template, from: "a").outcomes.present == [.sent: 1])
            #expect(eventually { receiver.counters.segmentsReceived == 1 })
            #expect(bench.datagrams(receiver).first.map { Array($0.dropFirst(40)) } == template.payload)
            #expect(receiver.counters.checksumsValid == 1)
            #expect(receiver.counters.malformed == 0)
        }
    }
}

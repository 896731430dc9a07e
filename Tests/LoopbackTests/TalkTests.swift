import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Talking {
        private func text(_ octets: [UInt8]?) -> String? {
            octets.flatMap { try? TCPDatagram(copying: $0.span) }.map {
                String(decoding: $0.segment.payload, as: UTF8.self)
            }
        }

        @Test func thePresetPairTalks() async throws {
            let bench = try Bench()
            let server = try await bench.create(EndpointDefinition(preset: .server))
            let client = try await bench.create(EndpointDefinition(preset: .client))
            #expect(server.id == "server")
            #expect(client.id == "client")
            #expect(server.state == .running)
            #expect(eventually { client.counters.replies.value >= 2 })
            #expect(text(bench.datagrams(server).first) == "Hello server")
            #expect(text(bench.datagrams(client).first) == "Hello client")
            for endpoint in [server, client] {
                #expect(endpoint.counters.checksumsValid == endpoint.counters.segmentsReceived)
                #expect(endpoint.counters.malformed == 0)
                #expect(endpoint.counters.kernelResets.value == 0)
                #expect(endpoint.counters.received(.syn) == endpoint.counters.segmentsReceived)
            }
        }

        /// The client begins, the server answers a hundred times, and the client answers each of those.
        @Test(arguments: EpollTrigger.allCases, SocketKind.allCases)
        func talksThroughAnyKindOfSocket(trigger: EpollTrigger, socket: SocketKind) async throws {
            for domain in SocketDomain.allCases {
                let bench = try Bench()
                var definitions = [EndpointDefinition(preset: .server), EndpointDefinition(preset: .client)]
                for index in definitions.indices {
                    definitions[index].domain = domain
                    definitions[index].trigger = trigger
                    definitions[index].socket = socket
                    definitions[index].rules[0].paceNanoseconds = 0
                    definitions[index].rules[0].limit = 100
                }
                let pair = try await bench.ask { .create(definitions, $0) }
                let (server, client) = (pair[0].counters, pair[1].counters)
                #expect(eventually { server.segmentsReceived == 101 })
                await bench.settle()
                #expect(server.replies.value == 100)
                #expect(server.segmentsSent.value == 100)
                #expect(client.segmentsReceived == 100)
                #expect(client.replies.value == 100)
                #expect(client.segmentsSent.value == 101)
                #expect(server.segmentsReceived == 101)
                #expect(bench.handle.totals.segmentsReceived == 201)
                #expect(bench.handle.totals.segmentsSent.value == 201)
            }
        }

        @Test(arguments: SocketKind.allCases)
        func aSegmentArrivesOnceAndNotAtItsSender(socket: SocketKind) async throws {
            let bench = try Bench()
            let sender = try await bench.create(.quiet("a", port: 41_000, remote: 41_001) { $0.socket = socket })
            let receiver = try await bench.create(.quiet("b", port: 41_001, remote: 41_000) { $0.socket = socket })
            let transmission = try await bench.send(SegmentTemplate(), from: "a")
            #expect(transmission.state == .done)
            #expect(transmission.outcomes.present == [.sent: 1])
            #expect(eventually { receiver.counters.segmentsReceived == 1 })
            await bench.settle()
            #expect(bench.datagrams(receiver).count == 1)
            #expect(bench.datagrams(sender).isEmpty)
            #expect(bench.datagrams(sender, .sent) == bench.datagrams(receiver), "what left is what arrived")
            #expect(sender.counters.segmentsReceived == 0)
        }

        @Test func anExactRemoteIsFoundBeforeAnyRemote() async throws {
            let bench = try Bench()
            let any = try await bench.create(.quiet("any", port: 41_000, remote: nil))
            let exact = try await bench.create(.quiet("exact", port: 41_000, remote: 41_001))
            var intruder = try Intruder(playing: 41_001)
            let sent = intruder.send([
                try TCPDatagram.loopback(from: 41_001, to: 41_000).encoded(),
                try TCPDatagram.loopback(from: 41_002, to: 41_000).encoded(),
                try TCPDatagram.loopback(from: 41_003, to: 41_000).encoded(),
            ])
            #expect(sent == 3)
            #expect(eventually { bench.handle.totals.segmentsReceived == 3 })
            #expect(exact.counters.segmentsReceived == 1)
            #expect(any.counters.segmentsReceived == 2)
        }

        @Test func everyCombinationOfFlagsArrivesAsItWasSent() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 41_000, remote: 41_001))
            let receiver = try await bench.create(.quiet("b", port: 41_001, remote: 41_000))
            for bits in UInt8.min...UInt8.max {
                var template = SegmentTemplate()
                template.flags = TCPFlags(rawValue: bits)
                try await bench.send(template, from: "a")
            }
            #expect(eventually { receiver.counters.segmentsReceived == 256 })
            #expect(bench.datagrams(receiver).map { $0[33] } == Array(UInt8.min...UInt8.max))
            for position in 0..<8 { #expect(receiver.counters.received(TCPFlags(rawValue: 1 << position)) == 128) }
        }

        @Test(arguments: [
            (ChecksumChoice.correct, ChecksumStatus.valid), (.incorrect, .incorrect), (.given(0x1234), .incorrect),
        ])
        func theChecksumIsAsAskedFor(choice: ChecksumChoice, status: ChecksumStatus) async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 41_000, remote: 41_001))
            let receiver = try await bench.create(.quiet("b", port: 41_001, remote: 41_000))
            var template = SegmentTemplate()
            template.checksum = choice
            template.payload = [1, 2, 3]
            try await bench.send(template, from: "a")
            #expect(eventually { receiver.counters.segmentsReceived == 1 })
            #expect(receiver.counters.checksumsValid == (status == .valid ? 1 : 0))
            #expect(receiver.counters.checksumsIncorrect == (status == .incorrect ? 1 : 0))
            #expect(receiver.counters.checksumsPartial == 0)
            if case .given(let value) = choice {
                let octets = try #require(bench.datagrams(receiver).first)
                #expect(octets[36...37] == [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)])
            }
        }
    }
}

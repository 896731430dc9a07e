import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Flooding {
        @Test func anEndpointNeverGetsWhatIsForOthers() async throws {
            let bench = try Bench()
            let stop = Flag()
            let foreign = try TCPDatagram.loopback(from: 45_001, to: 45_000).encoded()
            let flood = try Thread(name: "flood", owning: try Intruder(playing: 45_001)) { intruder in
                while !stop.isRaised {
                    _ = intruder.send(Array(repeating: foreign, count: 64))
                }
            }
            for port in UInt16(0)..<100 {
                let endpoint = try await bench.create(
                    .quiet("e\(port)", port: 45_100 + port, remote: nil) { definition in
                        definition.socket = port.isMultiple(of: 2) ? .own : .shared
                        definition.trigger = port % 4 < 2 ? .level : .edge
                    })
                #expect(endpoint.state == .running)
            }
            await bench.settle()
            stop.raise()
            flood.join()
            #expect(bench.handle.totals.segmentsReceived == 0)
            #expect(bench.handle.captures.latestNumber == 0)
            #expect(bench.handle.endpoints.count == 100)
        }

        @Test(arguments: SocketKind.allCases, EpollTrigger.allCases)
        func whatDidNotFitIsCountedAndMarked(socket: SocketKind, trigger: EpollTrigger) async throws {
            let bench = try Bench { $0.receiveBufferOctets = 4096 }
            let endpoint = try await bench.create(
                .quiet("e", port: 45_000, remote: nil) { definition in
                    definition.socket = socket
                    definition.trigger = trigger
                })
            var intruder = try Intruder(playing: 45_001)
            let datagram = try TCPDatagram.loopback(
                from: 45_001, to: 45_000, payload: Array(repeating: 7, count: 200)
            ).encoded()
            let burst = 20_000
            #expect(intruder.send(Array(repeating: datagram, count: burst)) == burst)
            let counters = endpoint.counters
            #expect(eventually { counters.segmentsReceived + endpoint.kernelDrops == UInt64(burst) })
            await bench.settle()
            #expect(endpoint.kernelDrops > 0)
            #expect(bench.handle.totals.kernelDrops.value == endpoint.kernelDrops)

            let query = CaptureQuery(
                subject: .init(endpoint: endpoint.serial, socket: endpoint.socket?.serial), after: 0, limit: 100_000)
            let page = try bench.handle.captures.page(for: query)
            #expect(page.lostInKernel == endpoint.kernelDrops)
            #expect(UInt64(page.items.count) == counters.segmentsReceived)

            // One that is removed keeps what it lost.
            let last = try await bench.remove("e")
            #expect(last.kernelDrops == endpoint.kernelDrops)
            #expect(last.counters.segmentsReceived + last.kernelDrops == UInt64(burst))
        }

        @Test func memoryForMoreIsProvidedWhileNothingComes() async throws {
            let bench = try Bench()
            _ = try await bench.create(.quiet("e", port: 45_000, remote: nil))
            var intruder = try Intruder(playing: 45_001)
            let datagram = try TCPDatagram.loopback(from: 45_001, to: 45_000).encoded()
            #expect(!bench.handle.captures.lacksMemory)
            #expect(intruder.send([datagram]) == 1)
            #expect(eventually { bench.handle.captures.latestNumber == 1 })
            #expect(eventually { !bench.handle.captures.lacksMemory })
        }

        /// In one batch, beside strangers' segments, and with more endpoints than stay in the processor's cache.
        @Test(arguments: [1, 2, 100])
        func everybodyCountsAndKeepsItsOwn(endpoints: Int) async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 45_001)
            var records: [EndpointRecord] = []
            var datagrams: [[UInt8]] = []
            for place in 0..<endpoints {
                let port = UInt16(45_100 + place)
                records.append(try await bench.create(.quiet("e\(place)", port: port, remote: 45_001)))
                let stranger = TCPDatagram.loopback(from: 45_002, to: port, flags: .urg, payload: [1, 2, 3])
                let payload = [UInt8](repeating: UInt8(place), count: place % 9)
                let flags: TCPFlags = place.isMultiple(of: 2) ? .ack : .fin
                let ours = TCPDatagram.loopback(from: 45_001, to: port, flags: flags, payload: payload)
                datagrams += try [stranger.encoded(), ours.encoded()]
            }
            await bench.settle()
            bench.holding { #expect(intruder.send(datagrams) == datagrams.count) }
            let total = bench.handle.totals
            #expect(eventually { total.segmentsReceived == UInt64(endpoints) })
            for (place, record) in records.enumerated() {
                let counters = record.counters
                #expect(counters.segmentsReceived == 1)
                #expect(counters.octetsReceived == UInt64(20 + place % 9))
                #expect(counters.received(.ack) == (place.isMultiple(of: 2) ? 1 : 0))
                #expect(counters.received(.fin) == (place.isMultiple(of: 2) ? 0 : 1))
                #expect(counters.received(.urg) == 0)
                #expect(bench.datagrams(record) == [datagrams[2 * place + 1]])
            }
            #expect(total.octetsReceived == (0..<endpoints).reduce(0) { $0 + UInt64(20 + $1 % 9) })
            #expect(total.received(.ack) == UInt64((endpoints + 1) / 2))
            #expect(total.received(.fin) == UInt64(endpoints / 2))
            #expect(total.received(.urg) == 0)
        }

        /// Strangers' segments, which the endpoint does not receive, are nearly all that comes.
        @Test(arguments: EpollTrigger.allCases)
        func lossesBesideStrangersAreMarked(trigger: EpollTrigger) async throws {
            // Room for several batches, so that losses lie between what one batch reads.
            let bench = try Bench { $0.receiveBufferOctets = 1 << 18 }
            let endpoint = try await bench.create(.quiet("e", port: 45_000, remote: 45_001) { $0.trigger = trigger })
            var intruder = try Intruder(playing: 45_001)
            let (ours, strangers) = try (
                TCPDatagram.loopback(from: 45_001, to: 45_000, payload: Array(repeating: 7, count: 200)).encoded(),
                TCPDatagram.loopback(from: 45_002, to: 45_000, payload: Array(repeating: 7, count: 200)).encoded()
            )
            let burst = (0..<6000).map { $0 % 64 == 0 ? ours : strangers }
            for _ in 0..<5 {
                // What waits meanwhile fills the buffer, and the engine empties it while more comes.
                bench.holding { #expect(intruder.send(burst) == burst.count) }
                #expect(intruder.send(burst) == burst.count)
                await bench.settle()
            }
            #expect(endpoint.kernelDrops > 0)
            let query = CaptureQuery(
                subject: .init(endpoint: endpoint.serial, socket: endpoint.socket?.serial), after: 0, limit: 100_000)
            // What was lost last shows when the socket is found empty.
            #expect(
                eventually {
                    (try? bench.handle.captures.page(for: query))?.lostInKernel == endpoint.kernelDrops
                })
            let page = try bench.handle.captures.page(for: query)
            #expect(UInt64(page.items.count) == endpoint.counters.segmentsReceived)
        }

        /// What leaves in a turn fits into the receive buffer that Linux gives by default, and into a smaller one.
        @Test(
            arguments: [(212_992, 0), (212_992, 200), (212_992, 500), (212_992, 1400), (65_536, 0)], SocketKind.allCases
        )
        func anotherOfOursIsNotOverrun(of sizes: (buffer: Int, payload: Int), socket: SocketKind) async throws {
            let bench = try Bench { $0.receiveBufferOctets = sizes.buffer }
            let receiver = try await bench.create(.quiet("b", port: 45_001, remote: 45_000) { $0.socket = socket })
            _ = try await bench.create(.quiet("a", port: 45_000, remote: 45_001))
            let count: UInt64 = 20_000
            try await bench.send(
                .numbered(count) { $0.payload = Array(repeating: 7, count: sizes.payload) }, from: "a")
            #expect(eventually { receiver.counters.segmentsReceived + receiver.kernelDrops >= count })
            #expect(receiver.kernelDrops == 0)
        }

        /// A few segments fill the buffer when they are large, and none that was read tells what was lost after it.
        @Test func whatLargeSegmentsDidNotFitIsCounted() async throws {
            let bench = try Bench { $0.receiveBufferOctets = 1 << 19 }
            let endpoint = try await bench.create(.quiet("e", port: 45_000, remote: nil))
            var intruder = try Intruder(playing: 45_001)
            let large = try TCPDatagram.loopback(
                from: 45_001, to: 45_000, payload: Array(repeating: 7, count: 60_000)
            ).encoded()
            bench.holding {
                for _ in 0..<50 { #expect(intruder.send([large]) == 1) }
            }
            #expect(eventually { endpoint.counters.segmentsReceived + endpoint.kernelDrops == 50 })
            #expect(endpoint.kernelDrops > 0)
        }

        @Test func whatLeftTheRingIsCounted() async throws {
            let bench = try Bench { $0.ringSegments = 100 }
            let endpoint = try await bench.create(.quiet("e", port: 45_000, remote: nil))
            var intruder = try Intruder(playing: 45_001)
            let datagram = try TCPDatagram.loopback(from: 45_001, to: 45_000).encoded()
            #expect(intruder.send(Array(repeating: datagram, count: 1000)) == 1000)
            #expect(eventually { endpoint.counters.segmentsReceived == 1000 })
            await bench.settle()
            #expect(endpoint.counters.ringEvictions == 900)
            #expect(bench.handle.totals.ringEvictions == 900)
            #expect(bench.datagrams(endpoint).count == 100)
        }

        private func pair(_ bench: Bench) async throws -> (server: EndpointRecord, client: EndpointRecord) {
            var definitions = [EndpointDefinition(preset: .server), EndpointDefinition(preset: .client)]
            for index in definitions.indices { definitions[index].rules[0].paceNanoseconds = 0 }
            let created = try await bench.ask { .create(definitions, $0) }
            // Several conversations at once, so that batches are full.
            for _ in 0..<40 { try await bench.send(SegmentTemplate(), from: "client") }
            return (server: created[0], client: created[1])
        }

        /// Whoever goes first, what one sent is what the other received.
        @Test(arguments: [true, false], [true, false])
        func countersAddUpWhenAFullSpeedPairEnds(serverFirst: Bool, removes: Bool) async throws {
            let bench = try Bench()
            let (server, client) = try await pair(bench)
            #expect(eventually { client.counters.segmentsReceived >= 5000 })
            let (a, b) = try await ends(bench, serverFirst: serverFirst, removes: removes)
            #expect(a.kernelDrops == 0)
            #expect(b.kernelDrops == 0)
            #expect(a.counters.segmentsSent.value == b.counters.segmentsReceived)
            #expect(b.counters.segmentsSent.value == a.counters.segmentsReceived)
            #expect(a.counters.segmentsSent.value == server.counters.segmentsSent.value)
            #expect(a.counters.octetsSent.value == b.counters.octetsReceived)
            let totals = bench.handle.totals
            #expect(totals.segmentsSent.value == totals.segmentsReceived)
            #expect(bench.handle.endpoints.count == (removes ? 0 : 2))
        }

        /// While a raw socket's buffer is full, Linux counts whatever else its addresses see as dropped by it,
        /// so the drops of a pair on one address are an upper bound.
        @Test(arguments: [true, false], [true, false])
        func noSegmentIsLostInSilence(serverFirst: Bool, removes: Bool) async throws {
            let bench = try Bench { $0.receiveBufferOctets = 4096 }
            _ = try await pair(bench)
            let (a, b) = try await ends(bench, serverFirst: serverFirst, removes: removes)
            for (sender, receiver) in [(a, b), (b, a)] {
                let received = receiver.counters.segmentsReceived
                #expect(received <= sender.counters.segmentsSent.value)
                #expect(sender.counters.segmentsSent.value <= received + receiver.kernelDrops)
            }
        }

        /// The last records of a pair that is ended in some order.
        private func ends(
            _ bench: Bench, serverFirst: Bool, removes: Bool
        ) async throws -> (server: EndpointRecord, client: EndpointRecord) {
            var last: [String: EndpointRecord] = [:]
            for id in serverFirst ? ["server", "client"] : ["client", "server"] {
                last[id] = removes ? try await bench.remove(id) : try await bench.ask { .stop(id: id, $0) }
                #expect(last[id]?.state == .stopped)
            }
            return (server: try #require(last["server"]), client: try #require(last["client"]))
        }
    }
}

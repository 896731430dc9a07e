import CaptureFilter
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Filtering {
        /// Sends segments whose windows count up, and answers the windows that arrived.
        private func windows(_ count: UInt16, at endpoint: EndpointRecord, of bench: Bench) async throws -> [UInt16] {
            var plan = TransmissionPlan(steps: [])
            for window in 0..<count {
                var template = SegmentTemplate()
                template.window = window
                template.flags = window.isMultiple(of: 2) ? .syn : .ack
                plan.steps.append(.init(template))
            }
            let cursor = bench.handle.captures.latestNumber
            try await bench.send(plan, from: "sender")
            await bench.settle()
            let query = CaptureQuery(
                subject: .init(endpoint: endpoint.serial, socket: nil), after: cursor, limit: 100_000)
            let page = try bench.handle.captures.page(for: query)
            return page.items.map { item in
                let octets = page.datagram(item)
                return octets.bigEndianUInt16(at: 34)
            }
        }

        private func pair(_ bench: Bench, _ kind: SocketKind, _ filter: String) async throws -> EndpointRecord {
            try await bench.create(.quiet("sender", port: 44_101, remote: 44_100))
            return try await bench.create(
                .quiet("receiver", port: 44_100, remote: 44_101) { definition in
                    definition.socket = kind
                    definition.filter = try? CaptureFilter(filter)
                })
        }

        @Test(arguments: SocketKind.allCases)
        func letsPassWhatItAsksFor(kind: SocketKind) async throws {
            let bench = try Bench()
            let receiver = try await pair(bench, kind, "tcp[14:2] >= 10 and tcp[tcpflags] & tcp-syn != 0")
            let expected = (10..<200 as Range<UInt16>).filter { $0.isMultiple(of: 2) }
            #expect(try await windows(200, at: receiver, of: bench) == expected)
            #expect(receiver.counters.segmentsReceived == 95)
            #expect(receiver.counters.filtered.value == (kind == .shared ? 105 : 0))
            #expect(receiver.filtered == (kind == .shared ? 105 : nil))
            #expect(bench.handle.totals.filtered.value == receiver.counters.filtered.value)
            #expect(receiver.kernelDrops == 0)
        }

        @Test(arguments: SocketKind.allCases)
        func holdsAfterAStopAndAStart(kind: SocketKind) async throws {
            let bench = try Bench()
            let receiver = try await pair(bench, kind, "tcp[14:2] = 3")
            for _ in 0..<2 {
                #expect(try await windows(6, at: receiver, of: bench) == [3])
                _ = try await bench.ask { .stop(id: "receiver", $0) }
                _ = try await bench.ask { .start(id: "receiver", $0) }
            }
        }

        @Test func isAnEndpointsOwnOnASharedSocket() async throws {
            let bench = try Bench()
            let filtered = try await pair(bench, .shared, "tcp[14:2] < 2")
            var other = EndpointDefinition.quiet("other", port: 44_102, remote: 44_101)
            other.filter = nil
            let unfiltered = try await bench.create(other)
            #expect(try await windows(5, at: filtered, of: bench) == [0, 1])
            var template = SegmentTemplate()
            template.destinationPort = 44_102
            try await bench.send(template, from: "sender")
            await bench.settle()
            #expect(unfiltered.counters.segmentsReceived == 1)
            #expect(unfiltered.counters.filtered.value == 0)
        }

        @Test func rulesAnswerWhatTheirFilterLetsPass() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("sender", port: 44_101, remote: 44_100))
            var match = SegmentMatch()
            match.filter = try CaptureFilter("tcp[14:2] = 4 or tcp[14:2] = 7")
            match.flags = .syn
            let receiver = try await bench.create(
                .quiet("receiver", port: 44_100, remote: 44_101) { definition in
                    definition.rules = [
                        Rule(name: nil, match: match, reply: [SegmentTemplate()], paceNanoseconds: 0, limit: nil)
                    ]
                })
            #expect(try await windows(10, at: receiver, of: bench).count == 10)
            // Of the two, only the even one has the flag.
            #expect(receiver.counters.replies.value == 1)
        }
    }
}

import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    /// Rules, filter and labels change while an endpoint runs.
    @Suite struct Changing {
        private static let hour: UInt64 = 3_600_000_000_000

        private func rule(_ name: String, flags: TCPFlags, pace: UInt64 = 0, limit: Int? = nil) -> Rule {
            var match = SegmentMatch()
            match.flags = flags
            return Rule(
                name: name, match: match, reply: [SegmentTemplate()], paceNanoseconds: pace, limit: limit)
        }

        private func endpoint(_ bench: Bench, _ rules: [Rule]) async throws -> EndpointRecord {
            try await bench.create(.quiet("e", port: 44_000, remote: 44_001) { $0.rules = rules })
        }

        private func change(
            _ bench: Bench, _ describe: (inout EndpointChange) -> Void
        ) async throws(EngineError) -> EndpointRecord {
            var change = EndpointChange()
            describe(&change)
            let settled = change
            return try await bench.ask { .change(id: "e", settled, $0) }
        }

        private func provoke(_ times: Int, flags: TCPFlags, by intruder: inout Intruder) throws {
            let datagram = try TCPDatagram.loopback(from: 44_001, to: 44_000, flags: flags).encoded()
            #expect(intruder.send(Array(repeating: datagram, count: times)) == times)
        }

        @Test func aRuleThatStaysGoesOnWithItsLimit() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let limited = rule("limited", flags: .syn, limit: 5)
            let endpoint = try await endpoint(bench, [limited])
            try provoke(3, flags: .syn, by: &intruder)
            #expect(eventually { endpoint.counters.replies.value == 3 })
            let changed = try await change(bench) { $0.rules = [rule("new", flags: .fin), limited] }
            #expect(changed.definition.rules.map(\.name) == ["new", "limited"])
            try provoke(10, flags: .syn, by: &intruder)
            try provoke(4, flags: .fin, by: &intruder)
            #expect(eventually { endpoint.counters.segmentsReceived == 17 })
            await bench.settle()
            #expect(endpoint.counters.replies.value == 5 + 4)
        }

        @Test func whatWaitsForARuleThatGoesIsCountedAndWhatWaitsForAnotherIsSent() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let goes = rule("goes", flags: .syn, pace: Self.hour)
            let stays = rule("stays", flags: .fin, pace: 100_000_000)
            let endpoint = try await endpoint(bench, [goes, stays])
            try provoke(11, flags: .syn, by: &intruder)
            try provoke(3, flags: .fin, by: &intruder)
            #expect(eventually { endpoint.counters.segmentsReceived == 14 })
            _ = try await change(bench) { $0.rules = [stays] }
            #expect(endpoint.counters.repliesSuppressed.value == 10)
            #expect(eventually { endpoint.counters.replies.value == 1 + 3 })
            try provoke(5, flags: .syn, by: &intruder)
            #expect(eventually { endpoint.counters.segmentsReceived == 19 })
            await bench.settle()
            #expect(endpoint.counters.replies.value == 4)
        }

        @Test func transmissionsGoOn() async throws {
            let bench = try Bench()
            let endpoint = try await endpoint(bench, [])
            var step = TransmissionPlan.Step(SegmentTemplate())
            step.count = 50
            step.pacing = .interval(nanoseconds: 2_000_000)
            let plan = TransmissionPlan(steps: [step])
            _ = try await bench.ask { EngineCommand.send(plan, from: "e", waitNanoseconds: nil, $0) }
            #expect(eventually { endpoint.counters.segmentsSent.value > 3 })
            _ = try await change(bench) { $0.rules = [rule("new", flags: .fin)] }
            #expect(endpoint.counters.segmentsSent.value < 50)
            #expect(eventually { endpoint.counters.segmentsSent.value == 50 })
        }

        @Test func aChangeThatCannotBeChangesNothing() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let endpoint = try await endpoint(bench, [rule("old", flags: .syn)])
            var forbidden = rule("new", flags: .syn)
            forbidden.reply[0].ip.destination = IPv4Address(rawValue: 0xc000_0201)
            await #expect(throws: EngineError.self) {
                _ = try await change(bench) { change in
                    change.rules = [forbidden]
                    change.labelEdits = [.init(name: "a", value: "1")]
                }
            }
            try provoke(2, flags: .syn, by: &intruder)
            #expect(eventually { endpoint.counters.replies.value == 2 })
            let present = try #require(bench.handle.endpoints.endpoint("e"))
            #expect(present.definition.rules.map(\.name) == ["old"])
            #expect(present.definition.labels.isEmpty)
        }

        @Test func labelsAreBoundedHoweverTheyCome() async throws {
            let bench = try Bench()
            _ = try await endpoint(bench, [])
            let edits = (0..<EndpointDefinition.maximumLabels).map {
                EndpointChange.LabelEdit(name: "\($0)", value: "")
            }
            #expect(try await change(bench) { $0.labelEdits = edits }.definition.labels.count == edits.count)
            await #expect(throws: EngineError.tooManyLabels(limit: edits.count)) {
                _ = try await change(bench) { $0.labelEdits = [.init(name: "more", value: "")] }
            }
        }

        @Test func aStoppedEndpointStartsWithWhatWasChanged() async throws {
            let bench = try Bench()
            var intruder = try Intruder(playing: 44_001)
            let endpoint = try await endpoint(bench, [])
            _ = try await bench.ask { EngineCommand.stop(id: "e", $0) }
            let changed = try await change(bench) { $0.rules = [rule("new", flags: .syn)] }
            #expect(changed.state == .stopped)
            _ = try await bench.ask { EngineCommand.start(id: "e", $0) }
            try provoke(2, flags: .syn, by: &intruder)
            #expect(eventually { endpoint.counters.replies.value == 2 })
        }
    }
}

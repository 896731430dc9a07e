import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Living {
        @Test func startsAgainAfterAStop() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 46_000, remote: 46_001))
            let first = try await bench.create(.quiet("b", port: 46_001, remote: 46_000))
            try await bench.send(SegmentTemplate(), from: "a")
            #expect(eventually { first.counters.segmentsReceived == 1 })

            for _ in 0..<2 {
                let stopped = try await bench.ask { .stop(id: "b", $0) }
                #expect(stopped.state == .stopped)
                #expect(stopped.activeGuard == .none)
                #expect(stopped.socket == nil)
                #expect(stopped.counters.segmentsReceived == 1)
            }
            await #expect(throws: EngineError.endpointStopped(id: "b")) {
                try await bench.send(SegmentTemplate(), from: "b")
            }
            try await bench.send(SegmentTemplate(), from: "a")

            for _ in 0..<2 {
                let started = try await bench.ask { .start(id: "b", $0) }
                #expect(started.state == .running)
                #expect(started.serial == first.serial)
                #expect(started.activeGuard == .md5)
            }
            try await bench.send(SegmentTemplate(), from: "a")
            #expect(eventually { first.counters.segmentsReceived == 2 }, "and not what came in between")
        }

        @Test func takesUpItsLimitAndItsOpeningAgain() async throws {
            let bench = try Bench()
            var definition = EndpointDefinition(preset: .client)
            definition.rules[0].limit = 1
            definition.rules[0].paceNanoseconds = 0
            let peer = try await bench.create(
                .quiet("peer", port: 50_000, remote: 50_001) { definition in
                    definition.rules = EndpointDefinition(preset: .server).rules
                    definition.rules[0].paceNanoseconds = 0
                })
            try await bench.create(definition)
            #expect(eventually { peer.counters.segmentsReceived == 2 })
            _ = try await bench.ask { .stop(id: "client", $0) }
            _ = try await bench.ask { .start(id: "client", $0) }
            #expect(eventually { peer.counters.segmentsReceived == 4 })
        }

        @Test func aChosenPortStaysChosen() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(.quiet("e", port: 0, remote: nil))
            let port = endpoint.definition.local.port
            #expect(port != 0)
            _ = try await bench.ask { .stop(id: "e", $0) }
            let again = try await bench.ask { .start(id: "e", $0) }
            #expect(again.definition.local.port == port)
        }

        @Test func isCreatedStoppedWhenAskedTo() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(.quiet("e", port: 46_000, remote: nil) { $0.startsAtOnce = false })
            #expect(endpoint.state == .stopped)
            #expect(endpoint.startedAt == nil)
            let started = try await bench.ask { .start(id: "e", $0) }
            #expect(started.state == .running)
            #expect(started.startedAt != nil)
        }

        @Test func aNewBearerOfAnIDHasNothingOfTheOld() async throws {
            let bench = try Bench()
            try await bench.create(.quiet("a", port: 46_000, remote: 46_001))
            let old = try await bench.create(.quiet("b", port: 46_001, remote: 46_000))
            try await bench.send(SegmentTemplate(), from: "a")
            #expect(eventually { old.counters.segmentsReceived == 1 })
            try await bench.remove("b")
            let new = try await bench.create(.quiet("b", port: 46_001, remote: 46_000))
            #expect(new.serial != old.serial)
            #expect(new.cursor == bench.handle.captures.latestNumber)
            #expect(bench.datagrams(new).isEmpty)
            #expect(bench.handle.endpoints.name(of: old.serial) == "b", "its segments are still there")
            #expect(bench.handle.totals.segmentsReceived == 1)
        }

        @Test func nothingIsLeftAfterAReset() async throws {
            let bench = try Bench()
            let pair = try await bench.ask {
                .create([EndpointDefinition(preset: .server), EndpointDefinition(preset: .client)], $0)
            }
            #expect(eventually { pair[0].counters.segmentsReceived >= 1 })
            try await bench.send(SegmentTemplate(), from: "client")
            let segments = bench.handle.totals
            let summary: ResetSummary = try await bench.ask { .reset($0) }
            #expect(summary.endpoints == 2)
            #expect(summary.transmissions == 1)
            #expect(UInt64(summary.segments) == segments.segmentsReceived + segments.segmentsSent.value)
            #expect(bench.handle.endpoints.count == 0)
            #expect(bench.handle.captures.oldestNumber == bench.handle.captures.latestNumber + 1)
            #expect(bench.handle.transmissions.transmission(1) == nil)
            let again: ResetSummary = try await bench.ask { .reset($0) }
            #expect([again.endpoints, again.transmissions, again.segments] == [0, 0, 0])
            try await bench.create(EndpointDefinition(preset: .server))
        }

        @Test func unknownEndpointsAreNotFound() async throws {
            let bench = try Bench()
            await #expect(throws: EngineError.unknownEndpoint(id: "x")) { try await bench.remove("x") }
            await #expect(throws: EngineError.unknownEndpoint(id: "x")) {
                _ = try await bench.ask { .start(id: "x", $0) }
            }
            await #expect(throws: EngineError.unknownEndpoint(id: "x")) {
                _ = try await bench.ask { .stop(id: "x", $0) }
            }
            await #expect(throws: EngineError.unknownEndpoint(id: "x")) {
                try await bench.send(SegmentTemplate(), from: "x")
            }
        }

        @Test func answersWhatWaitsWhenItEnds() async throws {
            let bench = try Bench()
            try await bench.create(EndpointDefinition(preset: .server))
            bench.handle.shutDown()
            await #expect(throws: EngineError.stopping) { _ = try await bench.ask { .reset($0) } }
            #expect(eventually { bench.handle.endpoints.count == 0 })
        }
    }
}

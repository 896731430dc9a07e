import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Refusing {
        private func isFree(_ port: UInt16) -> Bool {
            (try? PortReservation(address: IPv4Address.loopback.rawValue, port: port, silence: .none)) != nil
        }

        /// Creates two endpoints of which the second cannot be, and finds neither.
        private func expectNothingHalfMade(
            _ bench: Bench, _ wrong: EndpointDefinition, _ expected: EngineError, others: Int = 0
        ) async throws {
            let good = EndpointDefinition.quiet("good", port: 43_000, remote: nil)
            let error = await #expect(throws: EngineError.Located.self) {
                let result: Result<[EndpointRecord], EngineError.Located> = await withCheckedContinuation { waiting in
                    _ = bench.handle.post(.create([good, wrong]) { waiting.resume(returning: $0) })
                }
                _ = try result.get()
            }
            #expect(error == EngineError.Located(expected, index: 1))
            #expect(bench.handle.endpoints.count == others)
            #expect(bench.handle.endpoints.endpoint("good") == nil)
            #expect(isFree(43_000))
        }

        @Test func anAddressOfOthers() async throws {
            let bench = try Bench()
            let address = IPv4Address(rawValue: 0xc000_0201)
            let wrong = EndpointDefinition.quiet("wrong", port: 43_001, remote: nil) { $0.local.address = address }
            try await expectNothingHalfMade(bench, wrong, .addressNotLocal(address))
        }

        @Test func aPortThatAProgramHolds() async throws {
            let bench = try Bench()
            let program = try PortReservation(address: IPv4Address.loopback.rawValue, port: 0, silence: .md5)
            let wrong = EndpointDefinition.quiet("wrong", port: program.port, remote: nil)
            let name = try #require(PortHolder.program(at: IPv4Address.loopback.rawValue, port: program.port))
            try await expectNothingHalfMade(bench, wrong, .portHeld(.loopback(program.port), by: name))
        }

        @Test func anIDOrAPathInUse() async throws {
            let bench = try Bench()
            let holder = try await bench.create(.quiet("holder", port: 43_001, remote: 7))
            try await expectNothingHalfMade(
                bench, .quiet("holder", port: 43_002, remote: nil), .idInUse(id: "holder"), others: 1)
            try await expectNothingHalfMade(
                bench, .quiet("wrong", port: 43_001, remote: 7),
                .pathInUse(local: .loopback(43_001), remote: .loopback(7), holder: "holder"), others: 1)
            try await expectNothingHalfMade(
                bench, .quiet("good", port: 43_002, remote: nil), .idInUse(id: "good"), others: 1)
            #expect(bench.handle.endpoints.endpoint("holder")?.serial == holder.serial)
            try await bench.create(.quiet("beside", port: 43_001, remote: 8))
        }

        @Test func thePortOfTheServiceItself() async throws {
            let bench = try Bench { $0.reservedAddress = .loopback(43_009) }
            try await expectNothingHalfMade(
                bench, .quiet("wrong", port: 43_009, remote: nil), .portReserved(.loopback(43_009)))
        }

        @Test func moreEndpointsThanThereMayBe() async throws {
            let bench = try Bench { $0.maximumEndpoints = 1 }
            try await expectNothingHalfMade(
                bench, .quiet("wrong", port: 43_001, remote: nil), .tooManyEndpoints(limit: 1))
        }

        @Test(arguments: [0xc000_0201 as UInt32, 0x0a00_0001])
        func aRemoteThatMayNotBeSentTo(address: UInt32) async throws {
            let bench = try Bench()
            let remote = TransportAddress(address: IPv4Address(rawValue: address), port: 9)
            let wrong = EndpointDefinition.quiet("wrong", port: 43_001, remote: nil) { $0.remote = remote }
            try await expectNothingHalfMade(
                bench, wrong,
                .destinationNotAllowed(remote.address, allowed: bench.handle.configuration.policy.allowedDestinations))
        }

        @Test func segmentsThatMayNotLeave() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(.quiet("e", port: 43_000, remote: nil))
            let allowed = bench.handle.configuration.policy.allowedDestinations
            func error(_ change: (inout SegmentTemplate) -> Void) async -> EngineError? {
                var template = SegmentTemplate()
                template.ip.destination = .loopback
                template.destinationPort = 9
                change(&template)
                do throws(EngineError) {
                    try await bench.send(template, from: "e")
                    return nil
                } catch {
                    return error
                }
            }
            let (far, all) = (IPv4Address(rawValue: 0x0a00_0001), IPv4Address(rawValue: .max))
            #expect(await error { $0.ip.destination = far } == .destinationNotAllowed(far, allowed: allowed))
            #expect(await error { $0.ip.destination = all } == .destinationNotUnicast(all))
            #expect(await error { $0.ip.destination = .any } == .destinationNotUnicast(.any))
            #expect(await error { $0.ip.source = far } == .sourceNotAllowed(far, own: .loopback))
            #expect(await error { $0.ip.options = [0x83, 3, 4, 0] } == .sourceRouteNotAllowed(kind: 0x83))
            #expect(await error { $0.ip.options = [1, 0x89, 3, 4] } == .sourceRouteNotAllowed(kind: 0x89))
            #expect(await error { $0.ip.destination = nil } == .destinationMissing)
            #expect(await error { $0.destinationPort = nil } == .destinationMissing)
            #expect(
                await error { $0.payload = [UInt8](repeating: 0, count: 65_500) }
                    == .segmentImpossible(.segmentTooLong(65_520)))
            #expect(endpoint.counters.segmentsSent.value == 0)
            #expect(await error { _ in } == nil)
            #expect(endpoint.counters.segmentsSent.value == 1)
        }

        /// Somebody who pretends to be far away gets the endpoint to answer; the answer stays here.
        @Test func anAnswerToWhoMayNotBeSentTo() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(
                .quiet("e", port: 43_000, remote: nil) { definition in
                    definition.rules = [
                        Rule(
                            name: nil, match: SegmentMatch(), reply: [SegmentTemplate()], paceNanoseconds: 0, limit: nil
                        )
                    ]
                })
            var far = TCPDatagram.loopback(from: 9, to: 43_000)
            far.ip.source = IPv4Address(rawValue: 0x0a00_0001)
            var intruder = try Intruder(playing: 43_009)
            #expect(intruder.send([try far.encoded()]) == 1)
            #expect(eventually { endpoint.counters.ended(.blocked) == 1 })
            #expect(endpoint.counters.segmentsReceived == 1)
            #expect(endpoint.counters.segmentsSent.value == 0)
            #expect(endpoint.counters.replies.value == 0)
            #expect(bench.handle.totals.ended(.blocked) == 1)
        }
    }
}

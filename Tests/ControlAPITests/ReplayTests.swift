import CaptureFile
import HTTPMessage
import SegmentEngine
import TCPWire
import Testing

@testable import ControlAPI

@Suite struct ReplayTests {
    private let client = TransportAddress(address: IPv4Address(rawValue: 0x0a00_0001), port: 4000)
    private let server = TransportAddress(address: IPv4Address(rawValue: 0x0a00_0002), port: 80)

    private func datagram(
        _ source: TransportAddress, _ destination: TransportAddress, _ flags: TCPFlags, number: UInt8 = 0
    ) throws -> [UInt8] {
        var segment = TCPSegment(sourcePort: source.port, destinationPort: destination.port)
        segment.flags = flags
        segment.payload = [number]
        return try TCPDatagram(
            ip: IPv4Header(source: source.address, destination: destination.address), segment: segment
        ).encoded()
    }

    private func file(_ datagrams: [[UInt8]]) -> [UInt8] {
        var file = CaptureFileWriter.beginning(application: "test", interfaces: [.init(name: "lo", description: "")])
        for (number, datagram) in datagrams.enumerated() {
            CaptureFileWriter.append(
                datagram.span, .init(timestampNanoseconds: Int64(number) * 1000), to: &file)
        }
        return file
    }

    @Test(
        arguments: [
            (1, [5, 5, 7, 6, 1_000_000_005], [0, 0, 2, 2, 1_000_000_000]), (2, [100, 200], [0, 50]),
            (0.5, [0, 3], [0, 6]),
            (1_000_000, [0, 999_999, 1_000_000], [0, 0, 1]), (0.000001, [0, .max], [0, UInt64(Int64.max)]),
            (1, [0, .max], [0, UInt64(Int64.max)]),
        ] as [(Double, [UInt64], [UInt64])])
    func offsetsNeverGoBack(speed: Double, times: [UInt64], expected: [UInt64]) {
        var schedule = ReplaySchedule(speed: speed)
        #expect(times.map { schedule.offset(at: $0) } == expected.map { $0 })
    }

    @Test func withoutTimesOrPausesNothingWaits() {
        var unpaused = ReplaySchedule(speed: nil)
        #expect([1, 5, nil].map { unpaused.offset(at: $0) } == [nil, nil, nil])
        var timeless = ReplaySchedule(speed: 1)
        #expect([nil, 10, 30, nil, 40].map { timeless.offset(at: $0) } == [0, 0, 20, 20, 30])
    }

    @Test(
        arguments: [
            ([.syn, [.syn, .ack], .ack], true), ([.ack, .ack, .syn], true), ([[.syn, .ack], .ack, .ack], false),
            ([.ack, .ack, .ack], true), ([.ack, .syn, .ack], false),
        ] as [([TCPFlags], Bool)])
    func theClientIsWhoOpened(flags: [TCPFlags], isTheFirstSender: Bool) throws {
        // The one side sends the first and the third, the other one the second.
        let datagrams = try flags.enumerated().map { number, flags in
            try number == 1 ? datagram(server, client, flags) : datagram(client, server, flags)
        }
        let captured = try CapturedSegments(in: file(datagrams), passing: nil)
        #expect(captured.clients == [captured.segments[0].connection: isTheFirstSender ? client : server])
        #expect(captured.segments.count == 3)
    }

    /// Whatever a file holds, it becomes a plan or a violation.
    @Test(arguments: UInt64(0)..<8)
    func everyMutationBecomesAPlanOrAViolation(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = try file(
            (0..<6).map { try datagram($0 % 2 == 0 ? client : server, $0 % 2 == 0 ? server : client, .ack, number: $0) }
        )
        let endpoint = EndpointDefinition(preset: .client)
        for _ in 0..<1000 {
            var mutated = original
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                mutated[.random(in: mutated.indices, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let query = QueryReader(try .init(method: "POST", target: "/?from=both"))
            let violations = Violations()
            let plan = ReplayReader.plan(of: mutated, for: endpoint, ReplayOptions(query), reporting: violations)
            #expect(plan.steps.isEmpty != violations.isEmpty)
            #expect(plan.replay?.segments == (plan.steps.isEmpty ? nil : plan.steps.count))
        }
    }
}

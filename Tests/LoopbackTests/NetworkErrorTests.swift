import LinuxSystem
import SegmentEngine
import TCPWire
import Testing

extension LoopbackTests {
    @Suite struct Hearing {
        @Test(arguments: [(3, 1, Errno(rawValue: 113)), (3, 13, Errno(rawValue: 113)), (11, 0, Errno(rawValue: 113))])
        func anErrorIsKeptForTheEndpointItIsAbout(type: UInt8, code: UInt8, errno: Errno) async throws {
            let bench = try Bench()
            let sender = try await bench.create(.quiet("a", port: 51_000, remote: 51_001))
            let other = try await bench.create(.quiet("b", port: 51_002, remote: 51_001))
            try await bench.send(.numbered(1, from: 77, recorded: 1) { $0.payload = [1, 2, 3, 4] }, from: "a")
            let sent = try #require(bench.datagrams(sender, .sent).first)

            let router = try Router()
            #expect(router.report(type: type, code: code, about: sent, to: .loopback))
            #expect(eventually { sender.counters.icmpErrors.value == 1 })
            await bench.settle()
            let page = try bench.handle.captures.page(for: CaptureQuery(direction: .error))
            #expect(page.items.count == 1)
            let item = try #require(page.items.first)
            #expect(item.record.kind == .error)
            #expect(item.record.endpoint == sender.serial)
            let report = try #require(item.record.report)
            #expect(report.type == type)
            #expect(report.code == code)
            #expect(report.errno == errno.rawValue)
            #expect(report.offender == IPv4Address.loopback.rawValue)
            #expect(report.mtu == 0)
            #expect(bench.datagrams(sender, .error) == [sent])
            #expect(bench.datagrams(other, .error).isEmpty)
            #expect(other.counters.icmpErrors.value == 0)
            #expect(bench.handle.totals.icmpErrors.value == 1)

            // An old error is not the next segment's.
            let next = try await bench.send(.numbered(100), from: "a")
            #expect(next.outcomes.present == [.sent: 100])
            #expect(next.firstError == nil)
        }

        @Test func anErrorAboutNobodysDatagramIsNotKept() async throws {
            let bench = try Bench()
            let endpoint = try await bench.create(.quiet("a", port: 51_000, remote: 51_001))
            let router = try Router()
            let foreign = try TCPDatagram.loopback(from: 51_005, to: 51_001).encoded()
            let own = try TCPDatagram.loopback(from: 51_000, to: 51_001).encoded()
            #expect(router.report(type: 3, code: 1, about: foreign, to: .loopback))
            #expect(router.report(type: 3, code: 1, about: own, to: .loopback))
            #expect(eventually { endpoint.counters.icmpErrors.value == 1 })
            await bench.settle()
            #expect(bench.datagrams(endpoint, .error) == [own])
            #expect(bench.handle.totals.icmpErrors.value == 1)
        }
    }
}

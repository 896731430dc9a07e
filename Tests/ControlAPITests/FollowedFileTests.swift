import CaptureFile
import HTTPMessage
import TCPWire
import Testing

@testable import SegmentEngine

/// A capture file that goes on as long as its reader does.
@Suite struct FollowedFileTests {
    private static let sectionHeader: [UInt8] = [0x0a, 0x0d, 0x0d, 0x0a]
    private static let packet: [UInt8] = [6, 0, 0, 0]
    private static let statistics: [UInt8] = [5, 0, 0, 0]

    private func bench() throws -> Bench {
        let bench = try Bench { $0.maximumWaiters = 1 }
        bench.publish(EndpointDefinition(preset: .server))
        return bench
    }

    private func datagram() throws -> [UInt8] {
        let segment = TCPSegment(sourcePort: 50_001, destinationPort: 50_000)
        return try TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment).encoded()
    }

    /// The first octets of the next piece, which tell what kind of block it begins with; nothing when none is there.
    private func kind(of source: inout any BodySource, _ bell: BodyBell = BodyBell()) -> [UInt8]? {
        guard case .octets(let octets) = source.nextPiece(ringing: bell) else { return nil }
        return [UInt8](octets.prefix(4))
    }

    @Test func goesOnWithWhatIsCaptured() throws {
        let bench = try bench()
        bench.capture(try datagram())
        var source = try #require(try bench.answer("GET", "/segments.pcapng?follow=true").stream)
        let bell = BodyBell()
        #expect(kind(of: &source, bell) == Self.sectionHeader)
        #expect(kind(of: &source, bell) == nil, "what there was is not asked for")
        for _ in 1...3 {
            bench.capture(try datagram())
            bench.watch()
            #expect(!bell.wait {}, "it was rung")
            #expect(kind(of: &source, bell) == Self.packet)
            #expect(kind(of: &source, bell) == nil)
        }
    }

    @Test func beginsAfterACursor() throws {
        let bench = try bench()
        bench.capture(try datagram())
        var source = try #require(try bench.answer("GET", "/segments.pcapng?follow=true&after=0").stream)
        #expect(kind(of: &source) == Self.sectionHeader)
        #expect(kind(of: &source) == Self.packet)
        #expect(kind(of: &source) == nil)
    }

    @Test func endsWithItsEndpointAndTellsWhatWasLost() throws {
        let bench = try bench()
        var source = try #require(try bench.answer("GET", "/segments.pcapng?follow=true&endpoint=server").stream)
        #expect(kind(of: &source) == Self.sectionHeader)
        #expect(kind(of: &source) == nil)
        _ = try bench.answer("DELETE", "/endpoints/server")
        bench.watch()
        #expect(kind(of: &source) == Self.statistics)
        #expect(source.nextPiece(ringing: BodyBell()) == .end)
    }

    @Test func takesAPlaceAmongThoseWhoWait() throws {
        let bench = try bench()
        let first = try bench.answer("GET", "/segments.pcapng?follow=true")
        #expect(try bench.answer("GET", "/segments.pcapng?follow=true").status == 503)
        #expect(try bench.answer("GET", "/segments.pcapng?follow=false").status == 200)
        withExtendedLifetime(first) {}
    }

    @Test(arguments: [
        ("follow=yes", #"follow: "yes" is none of true, false"#),
        ("follow=true&limit=2", "limit: is not for a file that follows"),
        ("follow=true&wait=1s", "wait: is not for a file that follows"),
        ("follow=true&after=9", "after: is beyond the latest, 0"),
    ])
    func refusesWhatItCannotFollow(query: String, expected: String) throws {
        let response = try bench().answer("GET", "/segments.pcapng?\(query)")
        #expect(response.status == 422)
        #expect(response.violations == [expected])
    }
}

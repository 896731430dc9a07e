import TCPWire
import Testing

@Suite struct IPv4HeaderTests {
    @Test func readsEveryFieldInItsPlace() throws {
        let datagram = octets("46b7 001c 0304 b102 0506 0708 090a0b0c 0d0e0f10 94040000 1112 1314 ffff")
        let view = try IPv4HeaderView(datagram.span)
        #expect(view.version == 4)
        #expect(view.headerLength == 24)
        #expect(view.dscp == 0x2d)
        #expect(view.ecn == 3)
        #expect(view.totalLength == 28)
        #expect(view.identification == 0x0304)
        let flags = [view.reservedFlag, view.dontFragment, view.moreFragments]
        #expect(flags == [true, false, true])
        #expect(view.fragmentOffset == 0x1102)
        #expect(view.timeToLive == 5)
        #expect(view.protocolNumber == 6)
        #expect(view.checksum == 0x0708)
        #expect(view.source.description == "9.10.11.12")
        #expect(view.destination.description == "13.14.15.16")
        let (options, payload) = ([UInt8](copying: view.options), [UInt8](copying: view.payload))
        #expect(options == octets("94040000"))
        #expect(payload == octets("11121314"))
    }

    @Test(arguments: [
        (claimed: 0, payload: 0), (claimed: 19, payload: 0), (claimed: 20, payload: 0), (claimed: 21, payload: 1),
        (claimed: 30, payload: 10), (claimed: 31, payload: 10), (claimed: 65535, payload: 10),
    ])
    func endsThePayloadAtTheTotalLengthOrTheLastOctet(claimed: Int, payload: Int) throws {
        var datagram = [UInt8](repeating: 0, count: 30)
        datagram[0] = 0x45
        datagram[2] = UInt8(claimed >> 8)
        datagram[3] = UInt8(claimed & 0xff)
        let view = try IPv4HeaderView(datagram.span)
        let count = view.payload.count
        #expect(count == payload)
    }

    @Test(arguments: [
        (first: 0x45, length: 0, error: WireError.truncated(needed: 20, available: 0)),
        (first: 0x45, length: 19, error: .truncated(needed: 20, available: 19)),
        (first: 0x44, length: 20, error: .headerLengthTooSmall(4)),
        (first: 0x40, length: 60, error: .headerLengthTooSmall(0)),
        (first: 0x46, length: 23, error: .truncated(needed: 24, available: 23)),
        (first: 0x4f, length: 59, error: .truncated(needed: 60, available: 59)),
    ])
    func refusesAHeaderThatIsNotAllThere(first: UInt8, length: Int, error: WireError) {
        var datagram = [UInt8](repeating: 0, count: 60)
        datagram[0] = first
        #expect(throws: error) { _ = try IPv4HeaderView(datagram.span.extracting(first: length)) }
    }

    /// The header of RFC 1071's usual worked example, 192.168.0.1 to 192.168.0.199.
    @Test func worksOutTheChecksum() throws {
        var header = IPv4Header(
            source: IPv4Address(rawValue: 0xc0a8_0001), destination: IPv4Address(rawValue: 0xc0a8_00c7))
        header.totalLength = 0x73
        header.protocolNumber = 17
        var segment = TCPSegment(sourcePort: 0, destinationPort: 0)
        segment.truncatedLength = 0
        let encoded = try TCPDatagram(ip: header, segment: segment).encoded()
        #expect(encoded == octets("4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7"))
        let hasValidChecksum = try IPv4HeaderView(encoded.span).hasValidChecksum
        #expect(hasValidChecksum)
    }

    @Test func refusesWhatNoHeaderHolds() {
        func expect(_ error: WireError, _ change: (inout IPv4Header) -> Void) {
            var header = IPv4Header(source: .loopback, destination: .loopback)
            change(&header)
            let datagram = TCPDatagram(ip: header, segment: TCPSegment(sourcePort: 1, destinationPort: 2))
            #expect(throws: error) { _ = try datagram.encoded() }
        }
        expect(.badOptionsLength(5)) { $0.options = [1, 1, 1, 1, 1] }
        expect(.badOptionsLength(44)) { $0.options = [UInt8](repeating: 1, count: 44) }
        expect(.fieldOutOfRange(field: "version", value: 16, maximum: 15)) { $0.version = 16 }
        expect(.fieldOutOfRange(field: "dscp", value: 64, maximum: 63)) { $0.dscp = 64 }
        expect(.fieldOutOfRange(field: "ecn", value: 4, maximum: 3)) { $0.ecn = 4 }
        expect(.fieldOutOfRange(field: "fragmentOffset", value: 8192, maximum: 8191)) { $0.fragmentOffset = 8192 }
    }
}

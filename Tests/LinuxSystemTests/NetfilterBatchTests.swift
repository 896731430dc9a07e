import CLinuxShims
import Testing

@testable import LinuxSystem

/// Requests to nf_tables, against octets put together by hand from netlink(7) and the kernel's headers.
@Suite struct NetfilterBatchTests {
    private static func octets(_ hexadecimal: String) -> [UInt8] {
        hexadecimal.split(separator: " ").compactMap { UInt8($0, radix: 16) }
    }

    @Test func framesRequestsByABeginningAndAnEnd() {
        var batch = NetfilterBatch()
        batch.request(NFT_MSG_DELTABLE, isLast: true) { $0.attribute(NFTA_TABLE_NAME.rawValue, "ab") }
        #expect(batch.latest == 1)
        batch.end()
        let begin = "14 00 00 00 10 00 01 00 00 00 00 00 00 00 00 00 00 00 00 0a "
        let request = "1c 00 00 00 02 0a 05 00 01 00 00 00 00 00 00 00 02 00 00 00 07 00 01 00 61 62 00 00 "
        let end = "14 00 00 00 11 00 01 00 02 00 00 00 00 00 00 00 00 00 00 0a"
        #expect(batch.octets == Self.octets(begin + request + end))
        #expect(batch.latest == 1, "the end is no request")
    }

    @Test func nestsAttributesAndPadsThem() {
        var batch = NetfilterBatch()
        let before = batch.octets.count
        batch.request(NFT_MSG_NEWSETELEM) { request in
            request.nest(3) { list in
                list.attribute(1, 0x0102_0304 as UInt32)
                list.attribute(2, [0xff])
            }
        }
        let attributes = Array(batch.octets[(before + 20)...])
        #expect(attributes == Self.octets("14 00 03 80 08 00 01 00 01 02 03 04 05 00 02 00 ff 00 00 00"))
    }

    @Test(
        arguments: [(0, nil), (-1, .notPermitted), (-12, .noMemory), (.min, Errno(rawValue: .max))]
            as [(Int32, Errno?)])
    func readsWhatTheKernelSaysOfARequest(code: Int32, expected: Errno?) {
        var message = Self.octets("24 00 00 00 02 00 00 00 07 00 00 00 09 00 00 00")
        message += (0..<4).map { UInt8(truncatingIfNeeded: code >> (8 * $0)) }
        message += Self.octets("1c 00 00 00 02 0a 05 00 07 00 00 00 00 00 00 00")
        let acknowledgment = NetfilterAcknowledgment(message.span)
        #expect(acknowledgment != nil)
        #expect(acknowledgment?.error == expected)
        #expect(acknowledgment?.sequenceNumber == 7)
    }

    @Test func takesNothingElseForAnAcknowledgment() {
        let message = Self.octets("24 00 00 00 03 00 00 00 07 00 00 00 09 00 00 00") + [UInt8](repeating: 0, count: 20)
        let other = NetfilterAcknowledgment(message.span)
        #expect(other == nil)
        for length in 0..<36 {
            let cut = Self.octets("24 00 00 00 02 00 00 00") + [UInt8](repeating: 0, count: 28)
            let prefix = Array(cut.prefix(length))
            let short = NetfilterAcknowledgment(prefix.span)
            #expect(short == nil)
        }
    }
}

import TCPWire
import Testing

@Suite struct MalformationTests {
    private static let header = "4500 0028 0000 4000 4006 3cce 7f000001 7f000001"
    private static let segment = "c351c350 00000000 00000000 5002 00c8 bb29 0000"

    @Test(
        arguments: [
            (header + segment, []),
            ("", [.headerTruncated]),
            ("4500 0028 0000 4000 4006 3cce 7f000001 7f0000", [.headerTruncated]),
            ("6500 0028 0000 4000 4006 3cce 7f000001 7f000001" + segment, [.versionNotFour]),
            ("4400 0028 0000 4000 4006 3cce 7f000001 7f000001" + segment, [.headerLengthTooSmall]),
            ("0000 0028 0000 4000 4006 3cce 7f000001 7f000001", [.versionNotFour, .headerLengthTooSmall]),
            ("4f00 0028 0000 4000 4006 3cce 7f000001 7f000001" + segment, [.headerLengthBeyondDatagram]),
            ("4500 0029 0000 4000 4006 3cce 7f000001 7f000001" + segment, [.totalLengthMismatch]),
            (header + segment + "00", [.totalLengthMismatch]),
            ("4500 0013 0000 4000 4006 3cce 7f000001 7f000001", [.totalLengthMismatch, .segmentTruncated]),
            ("4500 0028 0000 4000 4011 3cce 7f000001 7f000001" + segment, [.protocolNotTCP]),
            ("4500 0028 0000 0001 4006 3cce 7f000001 7f000001" + segment, [.laterFragment]),
            ("4500 0014 0000 4000 4006 3cce 7f000001 7f000001", [.segmentTruncated]),
            ("4500 0027 0000 4000 4006 3cce 7f000001 7f000001" + segment.dropLast(2), [.segmentTruncated]),
            (header + "c351c350 00000000 00000000 4002 00c8 bb29 0000", [.dataOffsetTooSmall]),
            (header + "c351c350 00000000 00000000 6002 00c8 bb29 0000", [.dataOffsetBeyondSegment]),
            (
                "4500 002c 0000 4000 4006 3cce 7f000001 7f000001 c351c350 00000000 00000000 6002 00c8 bb29 0000 02050000",
                [.optionTruncated]
            ),
            (
                "4500 002c 0000 4000 4006 3cce 7f000001 7f000001 c351c350 00000000 00000000 6002 00c8 bb29 0000 03020002",
                [.optionLengthInvalid, .optionPaddingNotZero]
            ),
            (
                "4500 002c 0000 4000 4006 3cce 7f000001 7f000001 c351c350 00000000 00000000 6002 00c8 bb29 0000 02040000",
                []
            ),
        ] as [(String, [Malformation])])
    func givesEveryReason(hex: String, reasons: [Malformation]) {
        #expect(Malformation.reasons(in: octets(hex).span) == reasons)
    }

    @Test(
        arguments: zip(
            Malformation.allCases,
            [
                .headerTruncated, .versionNotFour, .headerLengthTooSmall, .headerLengthBeyondDatagram,
                .totalLengthMismatch, .protocolNotTCP, .laterFragment, .segmentTruncated, .dataOffsetTooSmall,
                .dataOffsetBeyondSegment, .optionTruncated, .optionLengthInvalid, .optionPaddingNotZero,
            ] as [MalformationSet]))
    func hasOneBitForEachCase(malformation: Malformation, set: MalformationSet) {
        #expect(malformation.asSet == set)
        #expect(set.reasons == [malformation])
        #expect(Malformation.allCases.count == 13)
    }

    @Test func keepsItsNames() {
        #expect(
            Malformation.allCases.map(\.rawValue) == [
                "headerTruncated", "versionNotFour", "headerLengthTooSmall", "headerLengthBeyondDatagram",
                "totalLengthMismatch", "protocolNotTCP", "laterFragment", "segmentTruncated", "dataOffsetTooSmall",
                "dataOffsetBeyondSegment", "optionTruncated", "optionLengthInvalid", "optionPaddingNotZero",
            ])
    }
}

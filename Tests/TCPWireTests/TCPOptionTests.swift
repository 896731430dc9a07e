import TCPWire
import Testing

@Suite struct TCPOptionTests {
    @Test(
        arguments: [
            ("", []),
            ("00000000", [.endOfOptionList, .endOfOptionList, .endOfOptionList, .endOfOptionList]),
            ("01010100", [.noOperation, .noOperation, .noOperation, .endOfOptionList]),
            ("020405b4", [.maximumSegmentSize(1460)]),
            ("0101 0402", [.noOperation, .noOperation, .sackPermitted]),
            ("01 03030e", [.noOperation, .windowScale(14)]),
            (
                "0101 080a 00000001 fffffffe",
                [.noOperation, .noOperation, .timestamps(value: 1, echoReply: 0xffff_fffe)]
            ),
            (
                "0101 050a 00000010 00000020",
                [
                    .noOperation, .noOperation,
                    .sack([
                        SACKBlock(
                            leftEdge: SequenceNumber(rawValue: 16), rightEdge: SequenceNumber(rawValue: 32))
                    ]),
                ]
            ),
            ("2202 0101", [.fastOpenCookie([]), .noOperation, .noOperation]),
            ("2206 0a0b0c0d 0101", [.fastOpenCookie([10, 11, 12, 13]), .noOperation, .noOperation]),
            (
                "1312 00112233445566778899aabbccddeeff 0101",
                [.md5Signature(octets("00112233445566778899aabbccddeeff")), .noOperation, .noOperation]
            ),
            ("1d08 0102 a0a1a2a3", [.authentication(keyID: 1, nextKeyID: 2, code: octets("a0a1a2a3"))]),
            ("1d04 0102", [.authentication(keyID: 1, nextKeyID: 2, code: [])]),
            ("1e04 0081", [.multipath([0x00, 0x81])]),
            ("fe06 f00dcafe 0101", [.raw(kind: 254, length: 6, data: octets("f00dcafe")), .noOperation, .noOperation]),
            ("fd02 0101", [.raw(kind: 253, length: 2, data: []), .noOperation, .noOperation]),
        ] as [(String, [TCPOption])])
    func readsAndWritesOptionsInForm(hex: String, options: [TCPOption]) throws {
        let (parsed, malformations) = TCPOption.parse(octets(hex).span)
        #expect(parsed == options)
        #expect(malformations.isEmpty)
        #expect(try TCPOption.encode(options) == octets(hex))
    }

    @Test(
        arguments: [
            // A length that the kind cannot have; the options after it are read.
            (
                "0203 05 01", [.raw(kind: 2, length: 3, data: [5]), .noOperation], .optionLengthInvalid
            ),
            (
                "0402 0304 0000 0402", [.sackPermitted, .raw(kind: 3, length: 4, data: [0, 0]), .sackPermitted],
                .optionLengthInvalid
            ),
            ("0502 0101", [.raw(kind: 5, length: 2, data: []), .noOperation, .noOperation], .optionLengthInvalid),
            (
                "0506 01020304 0402", [.raw(kind: 5, length: 6, data: [1, 2, 3, 4]), .sackPermitted],
                .optionLengthInvalid
            ),
            ("0808 000000010002", [.raw(kind: 8, length: 8, data: [0, 0, 0, 1, 0, 2])], .optionLengthInvalid),
            ("1d03 00 01", [.raw(kind: 29, length: 3, data: [0]), .noOperation], .optionLengthInvalid),
            ("1e02 0101", [.raw(kind: 30, length: 2, data: []), .noOperation, .noOperation], .optionLengthInvalid),
            (
                "0402 01 2205 000000", [.sackPermitted, .noOperation, .raw(kind: 34, length: 5, data: [0, 0, 0])],
                .optionLengthInvalid
            ),
            ("1303 00 01", [.raw(kind: 19, length: 3, data: [0]), .noOperation], .optionLengthInvalid),
            // A length below 2: nobody knows where the next option starts.
            ("0200 05b4", [.raw(kind: 2, length: 0, data: octets("05b4"))], .optionLengthInvalid),
            ("01 fe01 01", [.noOperation, .raw(kind: 254, length: 1, data: [1])], .optionLengthInvalid),
            // A length beyond the end, and none at all.
            ("0205 05b4", [.raw(kind: 2, length: 5, data: octets("05b4"))], .optionTruncated),
            ("0101 08ff", [.noOperation, .noOperation, .raw(kind: 8, length: 255, data: [])], .optionTruncated),
            (
                "0101 0102", [.noOperation, .noOperation, .noOperation, .raw(kind: 2, length: nil, data: [])],
                .optionTruncated
            ),
            // Octets after the end of the list.
            (
                "0000 0204", [.endOfOptionList, .endOfOptionList, .raw(kind: 2, length: nil, data: [4])],
                .optionPaddingNotZero
            ),
            ("0001 0000", [.endOfOptionList, .raw(kind: 1, length: nil, data: [0, 0])], .optionPaddingNotZero),
        ] as [(String, [TCPOption], MalformationSet)])
    func keepsOptionsOutOfForm(hex: String, options: [TCPOption], malformations: MalformationSet) throws {
        let (parsed, found) = TCPOption.parse(octets(hex).span)
        #expect(parsed == options)
        #expect(found == malformations)
        #expect(Malformation.set(inOptions: octets(hex).span) == malformations)
        #expect(try TCPOption.encode(options) == octets(hex))
    }

    /// Octets of few values, so that kinds and lengths meet often, and of all values.
    @Test(arguments: 0...40)
    func encodingUndoesParsingOfAnyOctets(length: Int) throws {
        var generator = SeededGenerator(seed: UInt64(length))
        let usual: [UInt8] = [0, 0, 1, 2, 3, 4, 5, 8, 10, 18, 19, 29, 30, 34, 254]
        for round in 0..<1000 {
            var content = generator.octets(count: length)
            if round.isMultiple(of: 2) { content = content.map { usual[Int($0) % usual.count] } }
            let (parsed, found) = TCPOption.parse(content.span)
            #expect(try TCPOption.encode(parsed, padded: false) == content)
            if length.isMultiple(of: 4) { #expect(try TCPOption.encode(parsed) == content) }
            #expect(Malformation.set(inOptions: content.span) == found)
        }
    }

    @Test(arguments: 0...40)
    func readsEachZeroOctetByItself(length: Int) {
        let (parsed, malformations) = TCPOption.parse([UInt8](repeating: 0, count: length).span)
        #expect(parsed == [TCPOption](repeating: .endOfOptionList, count: length))
        #expect(malformations.isEmpty)
    }

    @Test func padsWithZerosToAWholeWord() throws {
        #expect(try TCPOption.encode([.windowScale(7)]) == octets("03030700"))
        #expect(try TCPOption.encode([.windowScale(7)], padded: false) == octets("030307"))
        #expect(try TCPOption.encode([]).isEmpty)
    }

    @Test func refusesMoreThanFortyOctets() throws {
        let forty = [TCPOption](repeating: .maximumSegmentSize(1), count: 10)
        #expect(try TCPOption.encode(forty).count == 40)
        #expect(throws: WireError.badOptionsLength(41)) { _ = try TCPOption.encode(forty + [.noOperation]) }
        #expect(throws: WireError.badOptionsLength(302)) {
            _ = try TCPOption.encode([.multipath([UInt8](repeating: 0, count: 300))])
        }
    }

    @Test func namesTheKinds() {
        #expect(TCPOption.maximumSegmentSize(1).kindName == "maximumSegmentSize")
        #expect(TCPOption.timestamps(value: 1, echoReply: 2).kindName == "timestamps")
        #expect(TCPOption.raw(kind: 254, length: 2, data: []).kindName == nil)
        #expect(TCPOption.raw(kind: 254, length: 2, data: []).kind == 254)
        #expect(TCPOption.fastOpenCookie([]).kind == 34)
    }
}

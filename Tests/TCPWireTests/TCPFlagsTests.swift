import TCPWire
import Testing

@Suite struct TCPFlagsTests {
    @Test(
        arguments: [
            ("CWR", 0x80), ("ECE", 0x40), ("URG", 0x20), ("ACK", 0x10), ("PSH", 0x08), ("RST", 0x04), ("SYN", 0x02),
            ("FIN", 0x01),
        ] as [(String, UInt8)])
    func namesEachBit(name: String, bit: UInt8) {
        #expect(TCPFlags(name: name) == TCPFlags(rawValue: bit))
        #expect(TCPFlags(rawValue: bit).names == [name])
    }

    @Test func listsNamesInTheOrderPeopleSayThem() {
        #expect((TCPFlags.ack.union(.syn)).names == ["SYN", "ACK"])
        #expect(TCPFlags([.psh, .ack]).names == ["ACK", "PSH"])
        #expect(TCPFlags([.fin, .ack]).names == ["ACK", "FIN"])
        #expect(TCPFlags(rawValue: 0xff).names == TCPFlags.names)
        #expect(TCPFlags.names == ["SYN", "ACK", "FIN", "RST", "PSH", "URG", "ECE", "CWR"])
        #expect(TCPFlags().names.isEmpty)
    }

    @Test(arguments: ["", "syn", "SYN ", "NS", "SYNACK"])
    func refusesOtherNames(name: String) {
        #expect(TCPFlags(name: name) == nil)
    }

    @Test(arguments: UInt8.min...UInt8.max)
    func answersLikeSets(rawValue: UInt8) {
        let flags = TCPFlags(rawValue: rawValue)
        let names = Set(flags.names)
        #expect(flags.isEmpty == names.isEmpty)
        for name in TCPFlags.names {
            guard let flag = TCPFlags(name: name) else { continue }
            #expect(flags.contains(flag) == names.contains(name))
            #expect(flags.isDisjoint(with: flag) != names.contains(name))
            #expect((flags == flag) == (names == [name]))
        }
    }
}

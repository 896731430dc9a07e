/// A generator that repeats itself from a seed (SplitMix64), so that a failing
/// case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Datagrams made field by field, without anything of ours.

/// Writes files of either byte order, field by field.
struct FileMaker {
    var octets: [UInt8] = []
    var isBigEndian = false

    mutating func word16(_ value: UInt16) {
        let pair = [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
        octets += isBigEndian ? pair : pair.reversed()
    }

    mutating func word32(_ value: UInt32) {
        let (high, low) = (UInt16(value >> 16), UInt16(truncatingIfNeeded: value))
        word16(isBigEndian ? high : low)
        word16(isBigEndian ? low : high)
    }

    /// A pcap file's header.
    mutating func pcapHeader(magic: UInt32, link: UInt32) {
        word32(magic)
        word16(2)
        word16(4)
        for value in [0, 0, 65_535, link] as [UInt32] { word32(value) }
    }

    /// A packet of a pcap file.
    mutating func pcapPacket(seconds: UInt32, fraction: UInt32, _ packet: [UInt8], original: UInt32? = nil) {
        word32(seconds)
        word32(fraction)
        word32(UInt32(packet.count))
        word32(original ?? UInt32(packet.count))
        octets += packet
    }

    /// A block of a pcapng file.
    mutating func block(_ type: UInt32, _ body: (inout FileMaker) -> Void) {
        var inner = FileMaker(isBigEndian: isBigEndian)
        body(&inner)
        while !inner.octets.count.isMultiple(of: 4) { inner.octets.append(0) }
        word32(type)
        word32(UInt32(inner.octets.count + 12))
        octets += inner.octets
        word32(UInt32(inner.octets.count + 12))
    }

    mutating func section() {
        block(0x0a0d_0d0a) { block in
            block.word32(0x1a2b_3c4d)
            block.word16(1)
            block.word16(0)
            block.word32(.max)
            block.word32(.max)
        }
    }

    mutating func interface(link: UInt16, snapLength: UInt32 = 0, options: [(code: UInt16, value: [UInt8])] = []) {
        block(1) { block in
            block.word16(link)
            block.word16(0)
            block.word32(snapLength)
            for option in options {
                block.word16(option.code)
                block.word16(UInt16(option.value.count))
                block.octets += option.value
                while !block.octets.count.isMultiple(of: 4) { block.octets.append(0) }
            }
        }
    }

    mutating func packet(interface: UInt32 = 0, time: UInt64, _ packet: [UInt8], original: UInt32? = nil) {
        block(6) { block in
            block.word32(interface)
            block.word32(UInt32(time >> 32))
            block.word32(UInt32(truncatingIfNeeded: time))
            block.word32(UInt32(packet.count))
            block.word32(original ?? UInt32(packet.count))
            block.octets += packet
        }
    }
}

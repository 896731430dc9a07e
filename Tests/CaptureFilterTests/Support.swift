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
enum Datagram {
    /// An IPv4 datagram that carries a TCP segment.
    static func segment(
        from source: [UInt8] = [10, 0, 0, 1], sourcePort: UInt16 = 50_001, to destination: [UInt8] = [10, 0, 0, 2],
        destinationPort: UInt16 = 80, flags: UInt8 = 2, payload: [UInt8] = [], protocolNumber: UInt8 = 6,
        headerOptions: Int = 0, fragment: UInt16 = 0
    ) -> [UInt8] {
        let tcp =
            word(sourcePort) + word(destinationPort) + [0, 0, 0, 1, 0, 0, 0, 2, 0x50, flags, 0x20, 0, 0, 0, 0, 0]
            + payload
        let headerLength = 20 + 4 * headerOptions
        let header =
            [0x45 + UInt8(headerOptions), 0] + word(UInt16(headerLength + tcp.count)) + [0, 7] + word(fragment)
            + [64, protocolNumber, 0, 0] + source + destination + [UInt8](repeating: 1, count: 4 * headerOptions)
        return header + tcp
    }

    static func word(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)] }

    /// One in which anything may be, of few enough values that filters meet them.
    static func random(using generator: inout SeededGenerator) -> [UInt8] {
        func address() -> [UInt8] {
            [10, 0, .random(in: 0...1, using: &generator), .random(in: 0...3, using: &generator)]
        }
        func port() -> UInt16 { [22, 80, 81, 443, 50_000, 50_001, 65_535].randomElement(using: &generator) ?? 0 }
        var datagram = segment(
            from: address(), sourcePort: port(), to: address(), destinationPort: port(),
            flags: .random(in: 0...255, using: &generator),
            payload: (0..<Int.random(in: 0...80, using: &generator)).map { _ in .random(in: 0...3, using: &generator) },
            protocolNumber: Int.random(in: 0..<8, using: &generator) == 0 ? 17 : 6,
            headerOptions: Int.random(in: 0..<4, using: &generator) == 0 ? 3 : 0,
            fragment: Int.random(in: 0..<6, using: &generator) == 0 ? 0x2005 : 0)
        // Some are cut off, some are mutilated.
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: datagram.removeLast(.random(in: 0..<datagram.count, using: &generator))
        case 1:
            datagram[.random(in: datagram.indices, using: &generator)] = .random(in: 0...255, using: &generator)
        default: break
        }
        return datagram
    }
}

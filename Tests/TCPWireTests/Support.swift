import TCPWire

/// The octets that hexadecimal digits spell, blanks ignored.
func octets(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    precondition(digits.count.isMultiple(of: 2), "an octet takes two digits")
    return stride(from: 0, to: digits.count, by: 2).map { index in UInt8(digits[index] << 4 | digits[index + 1]) }
}

/// The sum of RFC 1071 §1 over whole octets, folded after each word, not complemented.
func naiveSum(_ octets: [UInt8]) -> UInt16 {
    var sum = 0
    for index in octets.indices {
        sum += index.isMultiple(of: 2) ? Int(octets[index]) * 256 : Int(octets[index])
        if sum > 0xffff { sum -= 0xffff }
    }
    return UInt16(sum)
}

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

    mutating func octets(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

extension TCPSegment {
    /// A segment any of whose fields may hold anything, whole and with the data offset worked out.
    static func random(using generator: inout SeededGenerator) -> TCPSegment {
        var segment = TCPSegment(
            sourcePort: .random(in: 0...65535, using: &generator),
            destinationPort: .random(in: 0...65535, using: &generator),
            sequenceNumber: SequenceNumber(rawValue: .random(in: 0...UInt32.max, using: &generator)))
        segment.acknowledgmentNumber = SequenceNumber(rawValue: .random(in: 0...UInt32.max, using: &generator))
        segment.reservedBits = .random(in: 0...15, using: &generator)
        segment.flags = TCPFlags(rawValue: .random(in: 0...255, using: &generator))
        segment.window = .random(in: 0...65535, using: &generator)
        segment.checksum =
            Bool.random(using: &generator) ? .correct : .given(.random(in: 0...65535, using: &generator))
        segment.urgentPointer = .random(in: 0...65535, using: &generator)
        segment.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        segment.payload = generator.octets(count: Int.random(in: 0...64, using: &generator))
        return segment
    }
}

extension IPv4Header {
    /// A header any of whose fields may hold anything.
    static func random(using generator: inout SeededGenerator) -> IPv4Header {
        var header = IPv4Header(
            source: IPv4Address(rawValue: .random(in: 0...UInt32.max, using: &generator)),
            destination: IPv4Address(rawValue: .random(in: 0...UInt32.max, using: &generator)))
        header.version = .random(in: 0...15, using: &generator)
        header.dscp = .random(in: 0...63, using: &generator)
        header.ecn = .random(in: 0...3, using: &generator)
        header.identification = .random(in: 0...65535, using: &generator)
        header.reservedFlag = .random(using: &generator)
        header.dontFragment = .random(using: &generator)
        header.moreFragments = .random(using: &generator)
        header.fragmentOffset = .random(in: 0...8191, using: &generator)
        header.timeToLive = .random(in: 0...255, using: &generator)
        header.protocolNumber = .random(in: 0...255, using: &generator)
        header.checksum = Bool.random(using: &generator) ? nil : .random(in: 0...65535, using: &generator)
        header.options = generator.octets(count: 4 * Int.random(in: 0...10, using: &generator))
        return header
    }
}

import TCPWire

/// Received segments counted together, to be added to counters at once.
struct ReceivedTally {
    private(set) var segments: UInt64 = 0
    private(set) var octets: UInt64 = 0
    private(set) var malformed: UInt64 = 0
    private(set) var valid: UInt64 = 0
    private(set) var partial: UInt64 = 0
    private(set) var incorrect: UInt64 = 0
    /// In the order of the bits of ``TCPFlags``.
    private(set) var flags: [8 of UInt64] = .init(repeating: 0)

    mutating func add(_ summary: DatagramSummary) {
        segments &+= 1
        octets &+= UInt64(summary.segmentLength)
        // Not `isEmpty`, which is a call into another module for each segment.
        if summary.malformed.rawValue != 0 { malformed &+= 1 }
        switch summary.checksum {
        case .valid: valid &+= 1
        case .partial: partial &+= 1
        case .incorrect: incorrect &+= 1
        case nil: break
        }
        var bits = summary.flags.rawValue
        while bits != 0 {
            flags[bits.trailingZeroBitCount] &+= 1
            bits &= bits &- 1
        }
    }
}

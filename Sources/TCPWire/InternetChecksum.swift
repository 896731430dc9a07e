/// The Internet checksum, summed piece by piece (RFC 1071).
///
/// The octets are read as big-endian 16-bit words, the last one padded with zero.
/// Pieces may have any length and start at any address: an odd piece leaves the
/// next one in the lower half of a word, so that pieces sum to what the whole does.
package struct InternetChecksum: Sendable {
    /// The sum so far, of words in memory order (RFC 1071 §2 (B)), not folded.
    ///
    /// Each addition adds less than 2³³, so 2³⁰ of them do not overflow.
    private var sum: UInt64 = 0

    /// Whether an odd number of octets has been added.
    private var isOdd = false

    /// The sum of nothing.
    package init() {}

    /// A sum begun with the IPv4 pseudo-header of a TCP segment (RFC 9293 §3.1).
    ///
    /// `segmentLength` counts the octets of header and payload; its lower 16 bits count.
    package init(tcpFrom source: IPv4Address, to destination: IPv4Address, segmentLength: Int) {
        sum =
            UInt64(source.rawValue.bigEndian) &+ UInt64(destination.rawValue.bigEndian)
            &+ UInt64(UInt16(6).bigEndian) &+ UInt64(UInt16(truncatingIfNeeded: segmentLength).bigEndian)
    }

    /// Adds two octets, given as a number in host byte order.
    package mutating func add(_ word: UInt16) {
        sum &+= UInt64(isOdd ? word.littleEndian : word.bigEndian)
    }

    /// Adds octets, of any number.
    package mutating func add(_ octets: Span<UInt8>) {
        let folded = unsafe octets.withUnsafeBytes { buffer in unsafe Self.sum(of: buffer) }
        sum &+= isOdd ? UInt64(Self.folded(folded).byteSwapped) : folded
        isOdd = isOdd != (octets.count & 1 == 1)
    }

    /// The sum itself, not complemented, as a number in host byte order.
    ///
    /// 0 only when every octet was 0; 0xffff when a stored checksum was right.
    package var foldedSum: UInt16 { UInt16(bigEndian: Self.folded(sum)) }

    /// The complemented sum, which is what a header stores, as a number in host byte order.
    ///
    /// 0 when the pieces already held a correct checksum.
    package var value: UInt16 { ~foldedSum }

    /// The checksum after one 16-bit word under it changed (RFC 1624 §3, equation 3).
    package static func updating(_ checksum: UInt16, replacing old: UInt16, with new: UInt16) -> UInt16 {
        ~folded(UInt64(~checksum) + UInt64(~old) + UInt64(new))
    }

    /// The checksum after two adjacent 16-bit words under it changed (RFC 1624 §3, equation 3).
    package static func updating(_ checksum: UInt16, replacing old: UInt32, with new: UInt32) -> UInt16 {
        ~folded(UInt64(~checksum) + UInt64(~old) + UInt64(new))
    }
}

extension InternetChecksum: Hashable {
    /// Whether both sums come to the same and go on alike.
    package static func == (first: InternetChecksum, second: InternetChecksum) -> Bool {
        first.foldedSum == second.foldedSum && first.isOdd == second.isOdd
    }

    /// Hashes what `==` compares.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(foldedSum)
        hasher.combine(isOdd)
    }
}

extension InternetChecksum {
    /// A one's complement sum brought to 16 bits, the carries added back in.
    ///
    /// 0 only for 0.
    @inline(__always)
    package static func folded(_ sum: UInt64) -> UInt16 {
        // A number added to itself with its halves exchanged has the sum of both, and the carry, in its upper half.
        let half = UInt32(truncatingIfNeeded: (sum &+ (sum << 32 | sum >> 32)) >> 32)
        return UInt16(truncatingIfNeeded: (half &+ (half << 16 | half >> 16)) >> 16)
    }

    /// The sum of octets as words in memory order, below 2³³.
    ///
    /// Sums 32-bit words in 64-bit lanes, which the optimizer turns into vector
    /// additions: the carries of 16 GiB fit in the upper halves.
    @unsafe
    private static func sum(of octets: UnsafeRawBufferPointer) -> UInt64 {
        var sum: UInt64 = 0
        var offset = 0
        let wordsEnd = octets.count & ~7
        while offset < wordsEnd {
            let words = unsafe octets.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            sum &+= (words & 0xffff_ffff) &+ (words >> 32)
            offset &+= 8
        }
        if octets.count & 4 != 0 {
            sum &+= UInt64(unsafe octets.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
            offset &+= 4
        }
        if octets.count & 2 != 0 {
            sum &+= UInt64(unsafe octets.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
            offset &+= 2
        }
        if octets.count & 1 != 0 {
            sum &+= UInt64((UInt16(unsafe octets[offset]) << 8).bigEndian)
        }
        return (sum >> 32) &+ (sum & 0xffff_ffff)
    }
}

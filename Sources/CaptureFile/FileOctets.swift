/// The octets of a file, read in its byte order; nothing is read beyond the end.
struct FileOctets {
    let octets: [UInt8]
    var isBigEndian = false

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    var count: Int { octets.count }

    /// `nil` beyond the end.
    func word16(at offset: Int) -> UInt16? {
        guard offset >= 0, count >= 2, offset <= count - 2 else { return nil }
        let (first, second) = (UInt16(octets[offset]), UInt16(octets[offset + 1]))
        return isBigEndian ? first << 8 | second : second << 8 | first
    }

    /// `nil` beyond the end.
    func word32(at offset: Int) -> UInt32? {
        guard let first = word16(at: offset), let second = word16(at: offset + 2) else { return nil }
        return isBigEndian ? UInt32(first) << 16 | UInt32(second) : UInt32(second) << 16 | UInt32(first)
    }
}

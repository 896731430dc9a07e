/// Reads a pcap file (draft-ietf-opsawg-pcap).
struct PcapReader {
    private static let microseconds: UInt32 = 0xa1b2_c3d4
    private static let nanoseconds: UInt32 = 0xa1b2_3c4d
    private static let headerLength = 24
    private static let recordHeaderLength = 16

    private var file: FileOctets
    private let limit: Int
    private let nanosecondsPerFraction: UInt64

    /// - Throws: ``CaptureFileError/unknownFormat`` where the file begins with anything else.
    init(_ file: FileOctets, limit: Int) throws(CaptureFileError) {
        self.file = file
        self.limit = limit
        switch (file.word32(at: 0), file.word32(at: 0)?.byteSwapped) {
        case (Self.microseconds, _): nanosecondsPerFraction = 1000
        case (Self.nanoseconds, _): nanosecondsPerFraction = 1
        case (_, Self.microseconds):
            nanosecondsPerFraction = 1000
            self.file.isBigEndian = true
        case (_, Self.nanoseconds):
            nanosecondsPerFraction = 1
            self.file.isBigEndian = true
        default: throw .unknownFormat
        }
    }

    func packets() throws(CaptureFileError) -> [CapturedPacket] {
        guard let major = file.word16(at: 4), let minor = file.word16(at: 6), let link = file.word32(at: 20) else {
            throw .truncated(what: "the file's header", offset: 0)
        }
        guard major == 2, minor == 4 else { throw .unknownVersion(major: major, minor: minor, offset: 4) }
        // The upper bits tell of checksums after the frames.
        let number = UInt16(truncatingIfNeeded: link)
        guard let linkType = LinkType(number: number) else { throw .unknownLinkType(number) }

        var packets: [CapturedPacket] = []
        var offset = Self.headerLength
        while offset < file.count {
            guard let seconds = file.word32(at: offset), let fraction = file.word32(at: offset + 4),
                let kept = file.word32(at: offset + 8), let original = file.word32(at: offset + 12)
            else { throw .truncated(what: "a packet's header", offset: offset) }
            let start = offset + Self.recordHeaderLength
            guard Int(kept) <= file.count - start else { throw .truncated(what: "a packet", offset: offset) }
            guard packets.count < limit else { throw .tooManyRecords(limit: limit) }
            packets.append(
                CapturedPacket(
                    timestampNanoseconds: UInt64(seconds) * 1_000_000_000 + UInt64(fraction) * nanosecondsPerFraction,
                    linkType: linkType, octets: start..<start + Int(kept), originalLength: original))
            offset = start + Int(kept)
        }
        return packets
    }
}

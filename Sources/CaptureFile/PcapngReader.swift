/// Reads a pcapng file (draft-ietf-opsawg-pcapng).
struct PcapngReader {
    /// The type of the block that every section begins with; the same in both byte orders.
    static let sectionHeader: UInt32 = 0x0a0d_0d0a
    private static let byteOrderMagic: UInt32 = 0x1a2b_3c4d
    private static let interfaceLimit = 4096
    /// A block's type and its two lengths.
    private static let frameLength = 12

    /// What a section says about one of its interfaces.
    private struct Interface {
        /// `nil`: not known here.
        var linkType: LinkType?
        var linkNumber: UInt16
        /// How many octets of a packet are kept at most; 0: all.
        var snapLength: UInt32
        var clock: CaptureClock
    }

    private var file: FileOctets
    private let limit: Int
    private var interfaces: [Interface] = []
    private var found: [CapturedPacket] = []

    init(_ file: FileOctets, limit: Int) {
        self.file = file
        self.limit = limit
    }

    mutating func packets() throws(CaptureFileError) -> [CapturedPacket] {
        var offset = 0
        while offset < file.count {
            guard let type = file.word32(at: offset) else { throw .truncated(what: "a block's header", offset: offset) }
            if type == Self.sectionHeader { try readByteOrder(at: offset) }
            guard let length = file.word32(at: offset + 4) else {
                throw .truncated(what: "a block's header", offset: offset)
            }
            guard length >= Self.frameLength, length.isMultiple(of: 4) else {
                throw .badLength(what: "a block", length: length, offset: offset)
            }
            guard Int(length) <= file.count - offset else { throw .truncated(what: "a block", offset: offset) }
            guard file.word32(at: offset + Int(length) - 4) == length else {
                throw .badLength(what: "the end of a block", length: length, offset: offset)
            }
            try read(type, offset + 8..<offset + Int(length) - 4)
            offset += Int(length)
        }
        return found
    }

    private mutating func readByteOrder(at offset: Int) throws(CaptureFileError) {
        file.isBigEndian = false
        switch file.word32(at: offset + 8) {
        case Self.byteOrderMagic: break
        case Self.byteOrderMagic.byteSwapped: file.isBigEndian = true
        case nil: throw .truncated(what: "a section's header", offset: offset)
        default: throw .unknownFormat
        }
    }

    private mutating func read(_ type: UInt32, _ body: Range<Int>) throws(CaptureFileError) {
        switch type {
        case Self.sectionHeader: try readSection(body)
        case 1: try readInterface(body)
        case 2: try readPacket(body, interface: file.word16(at: body.lowerBound).map { UInt32($0) })
        case 3: try readSimplePacket(body)
        case 6: try readPacket(body, interface: file.word32(at: body.lowerBound))
        default: break
        }
    }

    private mutating func readSection(_ body: Range<Int>) throws(CaptureFileError) {
        guard body.count >= 16, let major = file.word16(at: body.lowerBound + 4),
            let minor = file.word16(at: body.lowerBound + 6)
        else { throw .badLength(what: "a section's header", length: UInt32(body.count), offset: body.lowerBound - 8) }
        guard major == 1 else { throw .unknownVersion(major: major, minor: minor, offset: body.lowerBound + 4) }
        interfaces = []
    }

    private mutating func readInterface(_ body: Range<Int>) throws(CaptureFileError) {
        guard body.count >= 8, let link = file.word16(at: body.lowerBound),
            let snapLength = file.word32(at: body.lowerBound + 4)
        else {
            throw .badLength(what: "an interface's block", length: UInt32(body.count), offset: body.lowerBound - 8)
        }
        guard interfaces.count < Self.interfaceLimit else { throw .tooManyInterfaces(limit: Self.interfaceLimit) }
        interfaces.append(
            Interface(
                linkType: LinkType(number: link), linkNumber: link, snapLength: snapLength,
                clock: clock(in: body.lowerBound + 8..<body.upperBound)))
    }

    /// What the options of an interface say about its time.
    private func clock(in options: Range<Int>) -> CaptureClock {
        var clock = CaptureClock()
        var offset = options.lowerBound
        while options.upperBound - offset >= 4, let code = file.word16(at: offset),
            let length = file.word16(at: offset + 2), code != 0
        {
            let value = offset + 4
            guard Int(length) <= options.upperBound - value else { break }
            switch (code, length) {
            case (9, 1): clock.resolution = file.octets[value]
            case (14, 8):
                let (first, second) = (file.word32(at: value) ?? 0, file.word32(at: value + 4) ?? 0)
                let (high, low) = file.isBigEndian ? (first, second) : (second, first)
                clock.offsetSeconds = Int64(bitPattern: UInt64(high) << 32 | UInt64(low))
            default: break
            }
            offset = value + (Int(length) + 3) / 4 * 4
        }
        return clock
    }

    /// An enhanced packet block, or its forerunner; both have the same layout after the interface.
    private mutating func readPacket(_ body: Range<Int>, interface number: UInt32?) throws(CaptureFileError) {
        let start = body.lowerBound
        guard body.count >= 20, let number, let high = file.word32(at: start + 4), let low = file.word32(at: start + 8),
            let kept = file.word32(at: start + 12), let original = file.word32(at: start + 16)
        else { throw .badLength(what: "a packet's block", length: UInt32(body.count), offset: start - 8) }
        guard Int(kept) <= body.count - 20 else { throw .badLength(what: "a packet", length: kept, offset: start - 8) }
        let interface = try interface(number, offset: start - 8)
        try append(
            at: interface.clock.nanoseconds(UInt64(high) << 32 | UInt64(low)), of: interface,
            octets: start + 20..<start + 20 + Int(kept), originalLength: original)
    }

    private mutating func readSimplePacket(_ body: Range<Int>) throws(CaptureFileError) {
        guard let original = file.word32(at: body.lowerBound), body.count >= 4 else {
            throw .badLength(what: "a packet's block", length: UInt32(body.count), offset: body.lowerBound - 8)
        }
        let interface = try interface(0, offset: body.lowerBound - 8)
        let snapLength = interface.snapLength == 0 ? UInt32.max : interface.snapLength
        let kept = min(original, snapLength)
        guard Int(kept) <= body.count - 4 else {
            throw .badLength(what: "a packet", length: kept, offset: body.lowerBound - 8)
        }
        try append(
            at: nil, of: interface, octets: body.lowerBound + 4..<body.lowerBound + 4 + Int(kept),
            originalLength: original)
    }

    private func interface(_ number: UInt32, offset: Int) throws(CaptureFileError) -> Interface {
        guard number < interfaces.count else { throw .unknownInterface(number, offset: offset) }
        return interfaces[Int(number)]
    }

    private mutating func append(
        at timestampNanoseconds: UInt64?, of interface: Interface, octets: Range<Int>, originalLength: UInt32
    ) throws(CaptureFileError) {
        guard let linkType = interface.linkType else { throw .unknownLinkType(interface.linkNumber) }
        guard found.count < limit else { throw .tooManyRecords(limit: limit) }
        found.append(
            CapturedPacket(
                timestampNanoseconds: timestampNanoseconds, linkType: linkType, octets: octets,
                originalLength: originalLength))
    }
}

/// Writes a pcapng file piece by piece (draft-ietf-opsawg-pcapng): its beginning, datagrams, statistics.
package enum CaptureFileWriter {
    package static let mediaType = "application/x-pcapng"
    /// LINKTYPE_IPV4: each packet is an IPv4 datagram.
    private static let linkType: UInt16 = 228
    private static let snapLength: UInt32 = 65_535

    /// Which way a datagram went.
    package enum Direction: UInt32, Sendable {
        case unknown = 0
        case inbound = 1
        case outbound = 2
    }

    /// What a file begins with: who wrote it, and the interfaces that its datagrams were seen at.
    package static func beginning(application: String, interfaces: [String]) -> [UInt8] {
        var file = LittleEndianOctets()
        file.block(0x0a0d_0d0a) { block in
            block.append(0x1a2b_3c4d as UInt32)
            block.append(1 as UInt16)
            block.append(0 as UInt16)
            // The section's length is not known yet.
            block.append(UInt64.max)
            block.option(4, application)
            block.endOptions()
        }
        for name in interfaces {
            file.block(1) { block in
                block.append(linkType)
                block.append(0 as UInt16)
                block.append(snapLength)
                block.option(2, name)
                // Nanoseconds.
                block.option(9, octets: [9])
                block.endOptions()
            }
        }
        return file.octets
    }

    /// Appends a datagram, which was longer where not all of it was kept.
    package static func append(
        _ datagram: Span<UInt8>, originalLength: Int, interface: Int, at timestampNanoseconds: Int64,
        _ direction: Direction, comment: String, to file: inout [UInt8]
    ) {
        var output = LittleEndianOctets(file)
        file = []
        output.block(6) { block in
            block.append(UInt32(interface))
            block.appendTime(timestampNanoseconds)
            block.append(UInt32(datagram.count))
            block.append(UInt32(clamping: max(originalLength, datagram.count)))
            block.append(copying: datagram)
            block.option(1, comment)
            block.option(2, octets: (0..<4).map { UInt8(truncatingIfNeeded: direction.rawValue >> (8 * $0)) })
            block.endOptions()
        }
        file = output.octets
    }

    /// Appends what is known of an interface in the end: what was lost before it could be written.
    package static func appendStatistics(
        interface: Int, at timestampNanoseconds: Int64, droppedByKernel: UInt64, comment: String,
        to file: inout [UInt8]
    ) {
        var output = LittleEndianOctets(file)
        file = []
        output.block(5) { block in
            block.append(UInt32(interface))
            block.appendTime(timestampNanoseconds)
            block.option(1, comment)
            block.option(7, octets: (0..<8).map { UInt8(truncatingIfNeeded: droppedByKernel >> (8 * UInt64($0))) })
            block.endOptions()
        }
        file = output.octets
    }
}

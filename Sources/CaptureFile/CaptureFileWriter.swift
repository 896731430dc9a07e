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

    /// Where datagrams were seen.
    package struct Interface: Sendable {
        package var name: String
        package var description: String

        package init(name: String, description: String) {
            self.name = name
            self.description = description
        }
    }

    /// What is known of a datagram besides its octets.
    package struct Packet: Sendable {
        /// Which of the interfaces, counted from 0.
        package var interface = 0
        /// Nanoseconds since 1970.
        package var timestampNanoseconds: Int64
        /// How long it was, where not all of it is there.
        package var originalLength = 0
        package var direction = Direction.unknown
        /// How many were lost between the one before and this one.
        package var dropped: UInt64 = 0
        package var comment = ""

        package init(timestampNanoseconds: Int64) {
            self.timestampNanoseconds = timestampNanoseconds
        }
    }

    /// What a file begins with: who wrote it, and the interfaces that its datagrams were seen at.
    package static func beginning(application: String, interfaces: [Interface]) -> [UInt8] {
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
        var octets = file.octets
        for interface in interfaces { append(interface, to: &octets) }
        return octets
    }

    /// Appends one more interface, before the first datagram that was seen there.
    package static func append(_ interface: Interface, to file: inout [UInt8]) {
        var output = LittleEndianOctets(file)
        file = []
        output.block(1) { block in
            block.append(linkType)
            block.append(0 as UInt16)
            block.append(snapLength)
            block.option(2, interface.name)
            block.option(3, interface.description)
            // Nanoseconds.
            block.option(9, octets: [9])
            block.endOptions()
        }
        file = output.octets
    }

    /// Appends a datagram.
    package static func append(_ datagram: Span<UInt8>, _ packet: Packet, to file: inout [UInt8]) {
        var output = LittleEndianOctets(file)
        file = []
        output.block(6) { block in
            block.append(UInt32(packet.interface))
            block.appendTime(packet.timestampNanoseconds)
            block.append(UInt32(datagram.count))
            block.append(UInt32(clamping: max(packet.originalLength, datagram.count)))
            block.append(copying: datagram)
            block.option(1, packet.comment)
            block.option(2, number: packet.direction.rawValue)
            if packet.dropped > 0 { block.option(4, number: packet.dropped) }
            block.endOptions()
        }
        file = output.octets
    }

    /// Appends what is known of an interface, counted from 0, in the end: what was lost on the way.
    package static func appendStatistics(
        of interface: Int = 0, at timestampNanoseconds: Int64, droppedByKernel: UInt64, comment: String,
        to file: inout [UInt8]
    ) {
        var output = LittleEndianOctets(file)
        file = []
        output.block(5) { block in
            block.append(UInt32(interface))
            block.appendTime(timestampNanoseconds)
            block.option(1, comment)
            block.option(7, number: droppedByKernel)
            block.endOptions()
        }
        file = output.octets
    }
}

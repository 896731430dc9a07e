/// Reads capture files, pcap and pcapng, of either byte order.
///
/// Whatever the file holds, it is read in one pass, and what cannot be is an error that says where.
package enum CaptureFileReader {
    /// The packets of a file, in its order, at most so many.
    package static func packets(in file: [UInt8], atMost limit: Int) throws(CaptureFileError) -> [CapturedPacket] {
        let octets = FileOctets(file)
        guard let magic = octets.word32(at: 0) else { throw .unknownFormat }
        if magic == PcapngReader.sectionHeader {
            var reader = PcapngReader(octets, limit: limit)
            return try reader.packets()
        }
        return try PcapReader(octets, limit: limit).packets()
    }
}

extension TCPSegment {
    /// A copy of a segment that arrived, its checksum included.
    package init(copying view: TCPSegmentView) {
        self.init(copying: view.octets)
    }

    /// A copy of whatever arrived as a segment; encoding it gives the same octets.
    ///
    /// Fewer than 20 octets read as a header whose missing octets are zero, with
    /// ``truncatedLength`` set. With a data offset below 5 words or beyond the end,
    /// ``dataOffset`` holds it, and everything after the first 20 octets is payload.
    package init(copying octets: Span<UInt8>) {
        let headerLength = TCPSegmentView.minimumHeaderLength
        guard octets.count < headerLength else {
            self.init(header: octets, following: octets)
            return
        }
        let extended = [UInt8](capacity: headerLength) { output in
            output.append(copying: octets)
            output.append(repeating: 0, count: headerLength - octets.count)
        }
        self.init(header: extended.span, following: extended.span)
        truncatedLength = octets.count
    }

    /// Reads the fixed fields from `header`, options and payload from `octets`; both hold at least 20 octets.
    private init(header: Span<UInt8>, following octets: Span<UInt8>) {
        let minimumLength = TCPSegmentView.minimumHeaderLength
        self.init(
            sourcePort: header.bigEndianUInt16(at: 0),
            destinationPort: header.bigEndianUInt16(at: 2),
            sequenceNumber: SequenceNumber(rawValue: header.bigEndianUInt32(at: 4)))
        acknowledgmentNumber = SequenceNumber(rawValue: header.bigEndianUInt32(at: 8))
        reservedBits = header[12] & 0x0f
        flags = TCPFlags(rawValue: header[13])
        window = header.bigEndianUInt16(at: 14)
        checksum = .given(header.bigEndianUInt16(at: 16))
        urgentPointer = header.bigEndianUInt16(at: 18)

        let words = header[12] >> 4
        let claimedLength = Int(words) * 4
        if claimedLength >= minimumLength, claimedLength <= octets.count {
            options = [UInt8](copying: octets.extracting(minimumLength..<claimedLength))
            payload = [UInt8](copying: octets.extracting(claimedLength...))
        } else {
            dataOffset = words
            payload = [UInt8](copying: octets.extracting(minimumLength...))
        }
    }
}

import CNettle
import TCPWire

/// A key to sign segments with, by the TCP MD5 signature option (RFC 2385).
package struct SignatureKey: Hashable, Sendable {
    /// The length of a digest, in octets.
    package static let digestLength = 16

    package var octets: [UInt8]
    /// Where the digest goes, in octets from the beginning of the options.
    package var offset: Int

    package init(octets: [UInt8], offset: Int) {
        self.octets = octets
        self.offset = offset
    }

    /// The digest of a segment between two addresses (RFC 2385 §2.0).
    ///
    /// It covers the pseudo-header, the TCP header without options and with a checksum of 0, the data and the key. The
    /// segment has at least a whole header, and `dataStart` says where its data begin.
    func digest(
        of segment: Span<UInt8>, dataStart: Int, from source: IPv4Address, to destination: IPv4Address
    ) -> [UInt8] {
        var pseudoHeader = [UInt8](repeating: 0, count: 12)
        var fields = pseudoHeader.mutableSpan
        fields.store(bigEndian: source.rawValue, at: 0)
        fields.store(bigEndian: destination.rawValue, at: 4)
        fields.store(bigEndian: UInt16(6), at: 8)
        fields.store(bigEndian: UInt16(truncatingIfNeeded: segment.count), at: 10)
        var header = [UInt8](copying: segment.extracting(first: TCPSegmentView.minimumHeaderLength))
        header[16] = 0
        header[17] = 0

        var state = md5_ctx()
        var digest = [UInt8](repeating: 0, count: Self.digestLength)
        unsafe nettle_md5_init(&state)
        for piece in [pseudoHeader, header, [UInt8](copying: segment.extracting(dataStart...)), octets] {
            unsafe nettle_md5_update(&state, piece.count, piece)
        }
        unsafe nettle_md5_digest(&state, digest.count, &digest)
        return digest
    }

    /// Signs a segment in place; one that is cut off before its options end stays as it is.
    func sign(
        _ output: inout MutableSpan<UInt8>, headerLength: Int, payloadOffset: Int
    ) {
        let place = headerLength + TCPSegmentView.minimumHeaderLength + offset
        guard output.count >= payloadOffset, place + Self.digestLength <= payloadOffset else { return }
        let digest = digest(
            of: output.span.extracting(droppingFirst: headerLength), dataStart: payloadOffset - headerLength,
            from: IPv4Address(rawValue: output.span.bigEndianUInt32(at: 12)),
            to: IPv4Address(rawValue: output.span.bigEndianUInt32(at: 16)))
        for index in digest.indices {
            output[place + index] = digest[index]
        }
    }
}

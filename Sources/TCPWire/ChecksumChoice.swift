/// Which checksum a segment is sent with.
package enum ChecksumChoice: Hashable, Sendable {
    /// The right one for what leaves.
    case correct

    /// One that no receiver takes for right, nor for a pseudo-header's sum only.
    case incorrect

    /// This one, right or wrong.
    case given(UInt16)

    /// The checksum of a segment between two addresses whose checksum field holds 0.
    package func value(for segment: Span<UInt8>, from source: IPv4Address, to destination: IPv4Address) -> UInt16 {
        if case .given(let value) = self { return value }
        let pseudoHeader = InternetChecksum(tcpFrom: source, to: destination, segmentLength: segment.count)
        var sum = pseudoHeader
        sum.add(segment)
        let right = sum.value
        guard self == .incorrect else { return right }

        // Only where 0 is right, 0xffff is as well; this is 1 or 2 then.
        let wrong = right &+ 1
        return wrong == pseudoHeader.foldedSum ? wrong &+ 1 : wrong
    }
}

import TCPWire

/// A step of a transmission, encoded ahead of time: what is left at sending is to copy it and to change what varies.
final class PreparedStep: Sendable {
    /// A field that varies, where it is, and what it is without varying.
    private struct Change {
        var place: VariedField.Place
        var base: UInt64
        var values: ValueSequence
        /// Where in the sequence the first segment is.
        var start: UInt64
    }

    let count: UInt64
    let pacing: Pacing
    let offsetNanoseconds: UInt64?
    let recorded: UInt64
    private let octets: [UInt8]
    private let headerLength: Int
    private let changes: [Change]
    private let checksum: ChecksumChoice
    private let signatureKey: SignatureKey?
    private let payloadOffset: Int
    /// The 16-bit words of the datagram that change, and that the header's checksum covers.
    private let changedHeaderWords: [Int]
    /// The 16-bit words of the datagram that change, and that the segment's checksum covers.
    private let changedSegmentWords: [Int]
    private let keepsSegmentChecksum: Bool

    /// The datagram's length, in octets.
    var length: Int { octets.count }

    /// The segment's length, in octets.
    var segmentLength: Int { octets.count - headerLength }

    /// Whether every datagram is the same.
    var isConstant: Bool { changes.isEmpty }

    /// Encodes a step for an endpoint; `identification` numbers the first datagram where the kernel would.
    init(_ step: TransmissionPlan.Step, on occasion: PreparedSegment.Occasion, identification: UInt16) throws(WireError)
    {
        var datagram = step.template.datagram(for: occasion)
        var variations = step.variations
        var identificationStart: UInt64 = 0
        if step.template.identificationIsOurs, !variations.contains(where: { $0.field == .identification }) {
            datagram.ip.identification = identification
            // Never 0, which the kernel would replace.
            variations.append(Variation(.identification, .range(1...0xffff)))
            identificationStart = UInt64(max(identification, 1)) - 1
        }
        let encoded = try datagram.encoded()
        let headerLength = datagram.ip.encodedLength
        let payloadOffset = headerLength + TCPSegmentView.minimumHeaderLength + step.template.options.count
        var changes: [Change] = []
        for variation in variations {
            let place = variation.field.place(headerLength: headerLength, payloadOffset: payloadOffset)
            // Asked for only where it is inside, which is checked before; here for memory's sake.
            guard place.offset + place.width <= encoded.count else { continue }
            changes.append(
                Change(
                    place: place, base: place.value(in: encoded.span), values: variation.values,
                    start: variation.field == .identification ? identificationStart : 0))
        }
        count = step.count
        pacing = step.pacing
        offsetNanoseconds = step.offsetNanoseconds
        recorded = step.recorded
        octets = encoded
        checksum = step.template.checksum
        signatureKey = step.template.signatureKey
        self.payloadOffset = payloadOffset
        self.headerLength = headerLength
        self.changes = changes

        let words = Set(changes.flatMap { ($0.place.offset / 2)...(($0.place.offset + $0.place.width - 1) / 2) })
        changedHeaderWords = words.filter { $0 * 2 < headerLength }.map { $0 * 2 }.sorted()
        // The pseudo-header has the addresses, which are words 6 to 9 of the header.
        let covered = words.filter { (6...9).contains($0) || $0 * 2 >= headerLength }
        changedSegmentWords = covered.map { $0 * 2 }.sorted()
        keepsSegmentChecksum =
            encoded.count < headerLength + 18 || step.variations.contains { $0.field == .checksum }
    }

    /// Fills `output`, which is ``length`` octets long, with the datagram of a number from 0, and answers its destination.
    func write(into output: inout MutableSpan<UInt8>, number: UInt64) -> UInt32 {
        let octets = octets
        output.copy(octets.span)
        if !changes.isEmpty || signatureKey != nil {
            for change in changes {
                let value = change.values.value(
                    number &+ change.start, base: change.base, maximum: change.place.maximum)
                change.place.store(value, in: &output)
            }
            correctHeaderChecksum(in: &output)
            correctSegmentChecksum(in: &output)
        }
        return output.span.bigEndianUInt32(at: 16)
    }

    private func correctHeaderChecksum(in output: inout MutableSpan<UInt8>) {
        guard !changedHeaderWords.isEmpty else { return }
        let octets = octets
        let value = updated(octets.span.bigEndianUInt16(at: 10), for: changedHeaderWords, in: output.span)
        output.store(bigEndian: value, at: 10)
    }

    private func correctSegmentChecksum(in output: inout MutableSpan<UInt8>) {
        signatureKey?.sign(&output, headerLength: headerLength, payloadOffset: payloadOffset)
        guard !keepsSegmentChecksum, !changedSegmentWords.isEmpty || signatureKey != nil else { return }
        let field = headerLength + 16
        switch checksum {
        case .given: return
        case .correct where signatureKey == nil:
            let octets = octets
            let value = updated(octets.span.bigEndianUInt16(at: field), for: changedSegmentWords, in: output.span)
            output.store(bigEndian: value, at: field)
        case .correct, .incorrect:
            output.store(bigEndian: UInt16(0), at: field)
            let value = checksum.value(
                for: output.span.extracting(droppingFirst: headerLength),
                from: IPv4Address(rawValue: output.span.bigEndianUInt32(at: 12)),
                to: IPv4Address(rawValue: output.span.bigEndianUInt32(at: 16)))
            output.store(bigEndian: value, at: field)
        }
    }

    /// A checksum after words of the datagram have changed (RFC 1624).
    private func updated(_ checksum: UInt16, for words: [Int], in changed: Span<UInt8>) -> UInt16 {
        var checksum = checksum
        let octets = octets
        for word in words {
            checksum = InternetChecksum.updating(
                checksum, replacing: Self.word(at: word, in: octets.span), with: Self.word(at: word, in: changed))
        }
        return checksum
    }

    /// The word at an even offset, padded with zero where the datagram ends within it.
    private static func word(at offset: Int, in octets: Span<UInt8>) -> UInt16 {
        offset + 2 <= octets.count ? octets.bigEndianUInt16(at: offset) : UInt16(octets[offset]) << 8
    }
}

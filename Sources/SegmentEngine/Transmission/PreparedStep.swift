import TCPWire

/// A step of a transmission, encoded ahead of time: what is left at sending is to copy it and to change what varies.
final class PreparedStep: Sendable {
    let count: UInt64
    let pacing: Pacing
    let offsetNanoseconds: UInt64?
    let recorded: UInt64
    private let octets: [UInt8]
    private let headerLength: Int
    private let changes: [PreparedChange]
    /// The values that changes go through one by one.
    private let listedValues: [UInt64]
    private let checksum: ChecksumChoice
    private let signatureKey: SignatureKey?
    private let payloadOffset: Int
    /// What of the header's checksum changes; `nil`: nothing.
    private let headerSum: PartialSum?
    /// What of the segment's checksum changes; `nil`: nothing.
    private let segmentSum: PartialSum?
    /// Whether the segment has no checksum of ours, because it is cut off or varies by itself.
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
        var changes: [PreparedChange] = []
        var listedValues: [UInt64] = []
        for variation in variations {
            let place = variation.field.place(headerLength: headerLength, payloadOffset: payloadOffset)
            // Asked for only where it is inside, which is checked before; here for memory's sake.
            guard place.offset + place.width <= encoded.count else { continue }
            changes.append(
                PreparedChange(
                    variation.values, at: place, in: encoded.span,
                    start: variation.field == .identification ? identificationStart : 0, list: &listedValues))
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
        self.listedValues = listedValues

        let words = Set(changes.flatMap { ($0.place.offset / 2)...(($0.place.offset + $0.place.width - 1) / 2) })
        headerSum = PartialSum(without: words.filter { $0 * 2 < headerLength }, of: encoded.span, checksumAt: 10)
        keepsSegmentChecksum =
            encoded.count < headerLength + 18 || step.variations.contains { $0.field == .checksum }
        // The pseudo-header has the addresses, which are words 6 to 9 of the header.
        segmentSum =
            keepsSegmentChecksum
            ? nil
            : PartialSum(
                without: words.filter { (6...9).contains($0) || $0 * 2 >= headerLength }, of: encoded.span,
                checksumAt: headerLength + 16)
    }

    /// Fills `output`, which has room for some datagrams of ``length`` octets, with those from a number on.
    func write(into output: inout MutableSpan<UInt8>, from number: UInt64) {
        let (octets, changes, listedValues) = (octets, changes, listedValues)
        var (start, number) = (0, number)
        while start < output.count {
            output.copy(octets.span, at: start)
            for position in changes.indices {
                let value = changes[position].value(number, list: listedValues.span)
                changes[position].place.store(value, in: &output, at: start)
            }
            headerSum?.store(in: &output, at: start, length: octets.count)
            if signatureKey == nil, checksum == .correct {
                segmentSum?.store(in: &output, at: start, length: octets.count)
            } else {
                sumUp(&output, at: start)
            }
            start += octets.count
            number &+= 1
        }
    }

    /// Signs the segment of a datagram, and works its checksum out anew.
    private func sumUp(_ output: inout MutableSpan<UInt8>, at start: Int) {
        if let signatureKey {
            var datagram = output._mutatingExtracting(start..<start + length)
            signatureKey.sign(&datagram, headerLength: headerLength, payloadOffset: payloadOffset)
        }
        guard !keepsSegmentChecksum, segmentSum != nil || signatureKey != nil else { return }
        if case .given = checksum { return }
        let field = start + headerLength + 16
        output.store(bigEndian: UInt16(0), at: field)
        let segment = start + headerLength..<start + length
        let value = checksum.value(
            for: output.span.extracting(segment),
            from: IPv4Address(rawValue: output.span.bigEndianUInt32(at: start + 12)),
            to: IPv4Address(rawValue: output.span.bigEndianUInt32(at: start + 16)))
        output.store(bigEndian: value, at: field)
    }
}

/// A checksum without the words of a datagram that change, to which they are added when they have changed (RFC 1624).
private struct PartialSum {
    private let words: [Int]
    private let checksumOffset: Int
    /// The one's complement sum of all other words, not folded.
    private let rest: UInt64

    /// Takes the 16-bit words of these numbers out of the checksum at an offset; `nil` when there are none.
    init?(without words: Set<Int>, of datagram: Span<UInt8>, checksumAt checksumOffset: Int) {
        guard !words.isEmpty else { return nil }
        self.words = words.map { $0 * 2 }.sorted()
        self.checksumOffset = checksumOffset
        var rest = UInt64(~datagram.bigEndianUInt16(at: checksumOffset))
        for word in self.words { rest += UInt64(~Self.word(at: word, in: datagram, end: datagram.count)) }
        self.rest = rest
    }

    /// Stores the checksum of the datagram that begins at an offset of the octets.
    @inline(__always)
    func store(in octets: inout MutableSpan<UInt8>, at start: Int, length: Int) {
        let words = words.span
        var sum = rest
        for position in words.indices {
            sum &+= UInt64(Self.word(at: start + words[position], in: octets.span, end: start + length))
        }
        octets.store(bigEndian: ~InternetChecksum.folded(sum), at: start + checksumOffset)
    }

    /// The word at an offset, padded with zero where the datagram ends within it.
    @inline(__always)
    private static func word(at offset: Int, in octets: Span<UInt8>, end: Int) -> UInt16 {
        offset + 2 <= end ? octets.bigEndianUInt16(at: offset) : UInt16(octets[offset]) << 8
    }
}

package import CaptureFilter
package import TCPWire

/// What must hold of a segment; what is not named may be anything.
package struct SegmentExpectation: Hashable, Sendable {
    /// A field and the values it may have.
    package struct NumberTest: Hashable, Sendable {
        package var field: ExpectedField
        package var pattern: NumberPattern

        package init(_ field: ExpectedField, _ pattern: NumberPattern) {
            self.field = field
            self.pattern = pattern
        }
    }

    /// What the payload must be like.
    package enum PayloadTest: Hashable, Sendable {
        case exactly([UInt8])
        case contains([UInt8])
    }

    /// What the checksum must be worth.
    package enum ChecksumTest: String, CaseIterable, Sendable {
        /// Right, or left to be finished by the sending host's own kernel.
        case correct
        case incorrect
    }

    /// All of these are set.
    package var flags: TCPFlags = []
    /// None of these is set.
    package var withoutFlags: TCPFlags = []
    package var numbers: [NumberTest] = []
    package var checksum: ChecksumTest?
    package var payload: PayloadTest?
    /// The whole datagram passes it.
    package var filter: CaptureFilter?

    package init() {}

    /// Whether it holds for a datagram, the IPv4 header first.
    package func holds(for datagram: Span<UInt8>) -> Bool {
        let parts = Parts(of: datagram)
        return flagsHold(for: parts.flags) && withoutFlagsHold(for: parts.flags)
            && numbers.allSatisfy { test in
                test.field.value(in: datagram).map { test.pattern.holds(for: $0) } ?? false
            }
            && checksumHolds(for: parts.checksum) && payloadHolds(for: parts.payload(of: datagram))
            && filter?.admits(datagram) != false
    }

    /// What is not as expected; nothing when it holds.
    package func differences(from datagram: Span<UInt8>) -> [Difference] {
        let parts = Parts(of: datagram)
        var differences: [Difference] = []
        if !flagsHold(for: parts.flags) {
            differences.append(Difference("flags", .flags(flags), parts.flags.map(Difference.Value.flags)))
        }
        if !withoutFlagsHold(for: parts.flags) {
            differences.append(
                Difference("withoutFlags", .flags(withoutFlags), parts.flags.map(Difference.Value.flags)))
        }
        for test in numbers {
            let value = test.field.value(in: datagram)
            if let value, test.pattern.holds(for: value) { continue }
            differences.append(
                Difference(
                    test.field.rawValue, .pattern(test.pattern, of: test.field),
                    value.map { .pattern(.exactly($0), of: test.field) }))
        }
        if let checksum, !checksumHolds(for: parts.checksum) {
            let actual = parts.checksum?.status
            differences.append(
                Difference("checksum", .word(checksum.rawValue), actual.map { Difference.Value.word($0.rawValue) }))
        }
        let octets = parts.payload(of: datagram)
        if let payload, !payloadHolds(for: octets) {
            differences.append(
                Difference("payload", .payload(payload), .payload(.exactly([UInt8](copying: octets)))))
        }
        if let filter, !filter.admits(datagram) {
            differences.append(Difference("filter", .word(filter.text), nil, hint: "does not pass the filter"))
        }
        return differences
    }

    /// The flags of a datagram's segment; `nil` when it ends before them.
    static func flags(of datagram: Span<UInt8>) -> TCPFlags? {
        Parts(of: datagram).flags
    }

    /// The same with numbers in the place of references to earlier steps.
    func resolved(_ number: (StepNumber) -> UInt32) -> SegmentExpectation {
        var resolved = self
        for index in resolved.numbers.indices {
            resolved.numbers[index].pattern = resolved.numbers[index].pattern.resolved(number)
        }
        return resolved
    }

    private func flagsHold(for actual: TCPFlags?) -> Bool {
        flags.isEmpty || actual.map { $0.contains(flags) } ?? false
    }

    private func withoutFlagsHold(for actual: TCPFlags?) -> Bool {
        withoutFlags.isEmpty || actual.map { $0.isDisjoint(with: withoutFlags) } ?? false
    }

    private func checksumHolds(for actual: ChecksumVerdict?) -> Bool {
        guard let checksum else { return true }
        guard let actual else { return false }
        return (actual.status == .incorrect) == (checksum == .incorrect)
    }

    private func payloadHolds(for octets: Span<UInt8>) -> Bool {
        switch payload {
        case .exactly(let expected):
            octets.count == expected.count && expected.indices.allSatisfy { octets[$0] == expected[$0] }
        case .contains(let pattern): octets.contains(pattern)
        case nil: true
        }
    }

    /// Where things are in a datagram, however broken it is.
    private struct Parts {
        /// `nil` when the segment ends before them.
        var flags: TCPFlags?
        /// `nil` when the segment ends before it.
        var checksum: ChecksumVerdict?
        var payloadRange: Range<Int>

        init(of datagram: Span<UInt8>) {
            guard let header = try? IPv4HeaderView(datagram) else {
                payloadRange = datagram.count..<datagram.count
                return
            }
            let segment = header.payload
            if segment.count > 13 { flags = TCPFlags(rawValue: segment[13]) }
            checksum = ChecksumVerdict(of: segment, from: header.source, to: header.destination)
            // Where the data offset is impossible, what follows 20 octets.
            let minimum = TCPSegmentView.minimumHeaderLength
            let claimed = segment.count >= minimum ? Int(segment[12] >> 4) * 4 : minimum
            let isPossible = (minimum...max(minimum, segment.count)).contains(claimed)
            let start = min(isPossible ? claimed : minimum, segment.count)
            payloadRange = header.headerLength + start..<header.headerLength + segment.count
        }

        @_lifetime(copy datagram)
        func payload(of datagram: Span<UInt8>) -> Span<UInt8> {
            datagram.extracting(payloadRange)
        }
    }
}

import TCPWire

/// What differences may come from, said as somebody who knows TCP would.
enum DifferenceHint {
    /// The sequence numbers that the two sides of a connection began with, as far as a run has seen them.
    struct InitialNumbers {
        var own: UInt32?
        var peer: UInt32?
    }

    /// The differences with what each may come from.
    static func explain(
        _ differences: [Difference], in segment: RunSegment, _ initialNumbers: InitialNumbers
    ) -> [Difference] {
        let flags = SegmentExpectation.flags(of: segment.octets.span) ?? []
        return differences.map { difference in
            var explained = difference
            explained.hint = difference.hint ?? hint(difference, flags: flags, initialNumbers)
            return explained
        }
    }

    private static func hint(
        _ difference: Difference, flags: TCPFlags, _ initialNumbers: InitialNumbers
    ) -> String? {
        switch (difference.expected, difference.actual) {
        case (_, nil): "the segment ends before it"
        case (.pattern(let pattern, let field), .pattern(.exactly(let actual), _)):
            hint(field, expected: pattern.exactValue, actual: actual, flags: flags, initialNumbers)
        case (.flags(let expected), .flags(let actual)) where difference.field == "flags":
            hint(flags: expected, actual: actual)
        case (.flags(let unwanted), .flags(let actual)):
            "\(unwanted.intersection(actual).names.joined(separator: ", ")) is set"
        case (.payload(let test), .payload(.exactly(let actual))): hint(payload: test, actual: actual)
        case (.word("correct"), .word) where difference.field == "checksum": "checksum is incorrect"
        case (.word("incorrect"), .word) where difference.field == "checksum": "checksum is right"
        default: nil
        }
    }

    private static func hint(
        _ field: ExpectedField, expected: UInt64?, actual: UInt64, flags: TCPFlags, _ initialNumbers: InitialNumbers
    ) -> String? {
        switch field {
        case .sourcePort: return "came from another port"
        case .source: return "came from another address"
        case .destinationPort: return "went to another port"
        case .destination: return "went to another address"
        case .window where actual == 0: return "the receiver takes no more: its window is closed"
        case .acknowledgmentNumber where !flags.contains(.ack):
            return "ACK is not set, so the acknowledgment number says nothing"
        case .acknowledgmentNumber, .sequenceNumber:
            return hint(field, expected: expected, actual: UInt32(truncatingIfNeeded: actual), initialNumbers)
        case .timeToLive:
            guard let expected, actual < expected else { return nil }
            return "\(count(expected - actual, "more router")) on the way"
        default: return nil
        }
    }

    private static func hint(
        _ field: ExpectedField, expected: UInt64?, actual: UInt32, _ initialNumbers: InitialNumbers
    ) -> String? {
        let isAcknowledgment = field == .acknowledgmentNumber
        let name = isAcknowledgment ? "acknowledgment number" : "sequence number"
        let initial = isAcknowledgment ? initialNumbers.own : initialNumbers.peer
        let difference = expected.map { Int32(bitPattern: actual &- UInt32(truncatingIfNeeded: $0)) }
        if let initial, actual == initial, (difference ?? -1) < 0 {
            let lead = difference == -1 ? "\(name) is one too small: it" : "\(name)"
            return "\(lead) is the initial sequence number, and a SYN counts one"
        }
        guard let difference else { return nil }
        let gap = UInt64(difference.magnitude)
        switch difference {
        case -1: return "\(name) is one too small: a SYN and a FIN count one each"
        case 1: return "\(name) is one too large: only a SYN and a FIN count one"
        case ..<0:
            let octets = count(gap, "octet")
            return "\(name) is \(gap) too small: "
                + (isAcknowledgment ? "\(octets) are not acknowledged" : "perhaps sent again")
        default:
            let octets = count(gap, "octet")
            return "\(name) is \(gap) too large: "
                + (isAcknowledgment ? "acknowledges \(octets) more" : "\(octets) before it are missing")
        }
    }

    private static func hint(flags expected: TCPFlags, actual: TCPFlags) -> String {
        if actual.contains(.rst) { return "a reset: the peer has no such connection, or refuses it" }
        let missing = expected.subtracting(actual).names
        return "\(missing.joined(separator: ", ")) \(missing.count == 1 ? "is" : "are") not set"
    }

    private static func hint(payload test: SegmentExpectation.PayloadTest, actual: [UInt8]) -> String {
        guard !actual.isEmpty else { return "there is no payload" }
        switch test {
        case .contains: return "does not contain it"
        case .exactly(let expected):
            let same = zip(expected, actual).prefix { $0 == $1 }.count
            if same == actual.count { return "\(count(UInt64(expected.count - same), "octet")) at the end are missing" }
            if same == expected.count { return "\(count(UInt64(actual.count - same), "octet")) more than expected" }
            return "differs from octet \(same) on, counted from 0"
        }
    }

    private static func count(_ number: UInt64, _ thing: String) -> String {
        number == 1 ? "1 \(thing)" : "\(number) \(thing)s"
    }
}

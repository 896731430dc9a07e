package import CaptureFilter
package import TCPWire

/// How an endpoint answers received segments.
package struct Rule: Hashable, Sendable {
    /// How many answers may wait for their pace.
    package static let waitingLimit = 64

    package var name: String?
    package var match: SegmentMatch
    /// What one answer consists of.
    package var reply: [SegmentTemplate]
    /// The least time between two answers, in nanoseconds; 0: at once.
    package var paceNanoseconds: UInt64
    /// How many answers there may be from one start to the next; `nil`: any number.
    package var limit: Int?

    package init(
        name: String?, match: SegmentMatch, reply: [SegmentTemplate], paceNanoseconds: UInt64, limit: Int?
    ) {
        self.name = name
        self.match = match
        self.reply = reply
        self.paceNanoseconds = paceNanoseconds
        self.limit = limit
    }
}

/// Which received segments a rule is for; what is empty always holds.
package struct SegmentMatch: Hashable, Sendable {
    /// All of these are set.
    package var flags: TCPFlags = []
    /// None of these is set.
    package var withoutFlags: TCPFlags = []
    /// The payload has so many octets.
    package var payloadLength: ClosedRange<Int> = Self.anyLength
    /// The payload contains these octets.
    package var payloadContains: [UInt8] = []
    /// The whole datagram passes it.
    package var filter: CaptureFilter?

    /// What any payload has.
    package static let anyLength = 0...Int.max

    package init() {}

    /// What costs least is asked first.
    func holds(flags received: TCPFlags, payload: Span<UInt8>, datagram: Span<UInt8>) -> Bool {
        received.isSuperset(of: flags) && received.isDisjoint(with: withoutFlags)
            && payloadLength.contains(payload.count)
            && (payloadContains.isEmpty || payload.contains(payloadContains))
            && filter?.admits(datagram) != false
    }
}

extension Span<UInt8> {
    /// Whether `pattern` occurs somewhere; an empty one does.
    func contains(_ pattern: [UInt8]) -> Bool {
        guard pattern.count <= count else { return false }
        return (0...(count - pattern.count)).contains { start in
            pattern.indices.allSatisfy { self[start + $0] == pattern[$0] }
        }
    }
}

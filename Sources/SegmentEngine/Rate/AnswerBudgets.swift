import TCPWire

/// How many answers of rules the segments may still cause that are on their way between our own endpoints.
///
/// A segment that comes from elsewhere may cause so many in all. Each answer takes a share of what is left with it, and
/// is known again by its octets when it arrives. There is room for as many as a receive buffer holds; where two fall
/// into one place, or one is lost on its way, the count begins anew. For the engine's thread only.
final class AnswerBudgets {
    private struct Entry {
        var fingerprint: UInt64 = 0
        var notedAt: UInt64 = 0
        /// How many such segments have left and have not arrived.
        var onTheWay: UInt32 = 0
        /// What all of these may cause together.
        var budget: UInt64 = 0
    }

    /// A power of two.
    private static let places = 1 << 14
    /// What has not arrived after so many nanoseconds does not any more.
    private static let lifetime: UInt64 = 1_000_000_000

    private let perSegment: UInt32
    private var entries = [Entry](repeating: Entry(), count: AnswerBudgets.places)
    /// Unknown to whoever sends segments, so that nobody makes two that are taken for one.
    private let seed = UInt64.random(in: .min ... .max)

    /// Budgets of so many answers a segment; `nil` for 0, which is no bound.
    init?(perSegment: Int) {
        guard perSegment > 0 else { return nil }
        self.perSegment = UInt32(clamping: perSegment)
    }

    /// Notes that an answer leaves at `now` that may cause so many.
    func note(_ datagram: Span<UInt8>, budget: UInt32, at now: UInt64) {
        let fingerprint = fingerprint(of: datagram)
        let place = Self.place(of: fingerprint)
        if entries[place].fingerprint != fingerprint || !isAlive(entries[place], at: now) {
            entries[place] = Entry(fingerprint: fingerprint)
        }
        entries[place].notedAt = now
        entries[place].budget += UInt64(budget)
        entries[place].onTheWay &+= 1
    }

    /// How many answers a datagram that has arrived may cause.
    func take(_ datagram: Span<UInt8>, at now: UInt64) -> UInt32 {
        let fingerprint = fingerprint(of: datagram)
        let place = Self.place(of: fingerprint)
        guard entries[place].fingerprint == fingerprint, isAlive(entries[place], at: now) else { return perSegment }
        let share = entries[place].budget / UInt64(entries[place].onTheWay)
        entries[place].budget -= share
        entries[place].onTheWay -= 1
        return UInt32(clamping: share)
    }

    private func isAlive(_ entry: Entry, at now: UInt64) -> Bool {
        entry.onTheWay > 0 && now &- entry.notedAt < Self.lifetime
    }

    private static func place(of fingerprint: UInt64) -> Int {
        Int(truncatingIfNeeded: fingerprint >> 40) & (places - 1)
    }

    /// Of the addresses and the segment; the rest of the header changes on its way.
    private func fingerprint(of datagram: Span<UInt8>) -> UInt64 {
        guard let header = try? IPv4HeaderView(datagram) else { return 0 }
        var hash = seed
        hash.mix(UInt64(header.source.rawValue) << 32 | UInt64(header.destination.rawValue))
        let segment = header.payload
        var offset = 0
        while offset + 4 <= segment.count {
            hash.mix(UInt64(segment.bigEndianUInt32(at: offset)))
            offset += 4
        }
        while offset < segment.count {
            hash.mix(UInt64(segment[offset]) | 1 << 40)
            offset += 1
        }
        return hash
    }
}

extension UInt64 {
    fileprivate mutating func mix(_ word: UInt64) {
        // The golden ratio's fraction, whose multiples are spread evenly.
        self = (self ^ word) &* 0x9e37_79b9_7f4a_7c15
        self ^= self >> 29
    }
}

package import LinuxSystem

/// Segments that a user asked to send, and how far that has come.
package struct TransmissionRecord: Sendable {
    /// How far it has come.
    package enum State: String, CaseIterable, Sendable {
        case queued
        case sending
        case done
        case cancelled
        case lost
    }

    /// The first segment that did not leave, and why.
    package struct Failure: Hashable, Sendable {
        package var outcome: SendOutcome
        /// `nil`: the allow-list of destinations forbade it, not the kernel.
        package var error: Errno?
        /// The path's MTU in octets, for one that was too big.
        package var mtu: Int?
    }

    /// How it was shown by an earlier start of the service, which is all that is known of it; `nil`: it is of this one.
    package let restored: [UInt8]?
    package let number: UInt64
    package let endpoint: String
    package var state = State.queued
    package var requested: UInt64
    /// Where the segments are from, if that is a capture file.
    package let replay: ReplaySummary?
    package var outcomes = OutcomeCounts()
    /// Octets of TCP segments that left.
    package var octetsSent: UInt64 = 0
    /// Nanoseconds since 1970; `nil` before the first attempt.
    package var startedAt: Int64?
    package var endedAt: Int64?
    package var firstError: Failure?
    /// How late paced segments were; `nil` when none was paced.
    package var lateness: LatenessHistogram.Summary?

    package var attempted: UInt64 { outcomes.total }
    package var sent: UInt64 { outcomes[.sent] }
    package var hasEnded: Bool { state != .queued && state != .sending }

    /// Segments sent in a second, by the gaps from the first to the last attempt; `nil` before there was one.
    package var rate: Double? {
        guard let startedAt, let endedAt, endedAt > startedAt, sent > 1 else { return nil }
        return Double(sent - 1) * 1e9 / Double(endedAt - startedAt)
    }

    /// A transmission of an earlier start of the service, which it did not outlive; `json` shows it.
    package init(number: UInt64, restored json: [UInt8]) {
        self.number = number
        restored = json
        endpoint = ""
        requested = 0
        replay = nil
        state = .lost
    }

    init(number: UInt64, endpoint: String, requested: UInt64, replay: ReplaySummary? = nil) {
        restored = nil
        self.number = number
        self.endpoint = endpoint
        self.requested = requested
        self.replay = replay
    }

    /// Counts segments whose outcome is known; the first failure is kept.
    mutating func noteEnd(as outcome: SendOutcome, count: Int, octets: Int, at now: Int64, failure: Failure?) {
        startedAt = startedAt ?? now
        endedAt = now
        outcomes[outcome] += UInt64(count)
        if outcome == .sent { octetsSent += UInt64(octets) }
        if state == .queued { state = .sending }
        firstError = firstError ?? failure
    }
}

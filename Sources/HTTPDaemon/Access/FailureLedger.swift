import Locking

/// Remembers who came with wrong tokens, so that each further one is answered later.
///
/// It is asked after a token has been found wrong, so that whoever has a right one never waits. All of it is bounded:
/// callers remembered, and refusals held back, of one caller and of all.
final class FailureLedger: Sendable {
    /// What is to be done about a failure.
    enum Reaction: Hashable {
        /// It is answered after a while; ``release(_:)`` is to be called then.
        case hold(milliseconds: Int)
        /// As much is held back as may be.
        case turnAway(seconds: Int)
    }

    private struct Record {
        var failures = 0
        var latest: Int
        var held = 0
    }

    private struct Contents {
        var records: [Caller.Name: Record] = [:]
        var held = 0
    }

    static let rememberedCallers = 1024
    static let heldRefusals = 64
    static let heldRefusalsOfCaller = 4
    static let shortestMilliseconds = 250
    static let longestMilliseconds = 5_000
    /// After how long without a failure a caller starts afresh.
    static let forgivenessMilliseconds = 60_000

    private let contents = Locked(Contents())

    /// Notes a failure, at a time of the monotonic clock.
    func react(to caller: Caller.Name, at now: Int) -> Reaction {
        contents.withLock { contents in
            if contents.records[caller] == nil { Self.makeRoom(in: &contents.records) }
            var record = contents.records[caller] ?? Record(latest: now)
            if now - record.latest > Self.forgivenessMilliseconds { record.failures = 0 }
            record.failures += 1
            record.latest = now
            defer { contents.records[caller] = record }
            let doublings = min(record.failures - 1, 16)
            let delay = min(Self.shortestMilliseconds << doublings, Self.longestMilliseconds)
            guard contents.held < Self.heldRefusals, record.held < Self.heldRefusalsOfCaller else {
                return .turnAway(seconds: (delay + 999) / 1000)
            }
            record.held += 1
            contents.held += 1
            return .hold(milliseconds: delay)
        }
    }

    /// Notes that a refusal is held back no longer.
    func release(_ caller: Caller.Name) {
        contents.withLock { contents in
            contents.held -= 1
            contents.records[caller]?.held -= 1
        }
    }

    /// Forgets whoever failed longest ago, when there are as many as may be; never one who waits, of whom there are
    /// fewer.
    private static func makeRoom(in records: inout [Caller.Name: Record]) {
        guard records.count >= rememberedCallers else { return }
        let idle = records.lazy.filter { $0.value.held == 0 }
        if let oldest = idle.min(by: { $0.value.latest < $1.value.latest })?.key { records[oldest] = nil }
    }
}

/// A bound on segments in a second, and the transmissions that wait because of it; for the engine's thread only.
///
/// Answers of rules take what there is as they come. They stand back while a transmission is owed something, so that
/// neither can keep the other from sending.
final class RateGate {
    var bucket: TokenBucket
    /// Those that got nothing come first, so that each has its turn.
    private var waiting: [TransmissionRuntime] = []
    private var starved = 0
    /// Whether a transmission got nothing since one last got something.
    private(set) var isOwed = false
    /// Whether a deadline is set for those who wait.
    var isScheduled = false

    /// A gate for so many segments a second; `nil` for 0, which is no bound.
    init?(perSecond: Int) {
        guard perSecond > 0 else { return nil }
        bucket = TokenBucket(perSecond: perSecond)
    }

    /// Lets a transmission wait.
    func append(_ transmission: TransmissionRuntime, gotNothing: Bool) {
        guard gotNothing else {
            waiting.append(transmission)
            return
        }
        waiting.insert(transmission, at: starved)
        starved += 1
        isOwed = true
    }

    /// Lets all go that wait, in the order of their turns.
    func takeWaiting() -> [TransmissionRuntime] {
        let all = waiting
        (waiting, starved) = ([], 0)
        if all.isEmpty { isOwed = false }
        return all
    }

    /// Notes that a transmission got something.
    func noteServed() {
        isOwed = false
    }

    /// Forgets a transmission that sends no more.
    func remove(_ transmission: TransmissionRuntime) {
        if let place = waiting.firstIndex(where: { $0 === transmission }) {
            waiting.remove(at: place)
            if place < starved { starved -= 1 }
        }
        isOwed = starved > 0
    }
}

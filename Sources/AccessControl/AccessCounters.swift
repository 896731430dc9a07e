import Synchronization

/// How many requests were refused for who sent them.
package final class AccessCounters: Sendable {
    /// Why one was refused, or what else was done about it.
    package enum Event: String, CaseIterable, Sendable {
        /// It came without a token.
        case tokenMissing
        /// It came with one that nobody has.
        case tokenWrong
        /// Its token is for reading only.
        case roleInsufficient
        /// It came over the Unix socket from a user who may not use that.
        case foreignUser
        /// Its refusal was held back for a while.
        case delayed
        /// It came from where there had been too many of those, and was not held back but turned away.
        case turnedAway
    }

    private let tokenMissing = Atomic(0)
    private let tokenWrong = Atomic(0)
    private let roleInsufficient = Atomic(0)
    private let foreignUser = Atomic(0)
    private let delayed = Atomic(0)
    private let turnedAway = Atomic(0)

    package init() {}

    package func count(_ event: Event) {
        switch event {
        case .tokenMissing: tokenMissing.wrappingAdd(1, ordering: .relaxed)
        case .tokenWrong: tokenWrong.wrappingAdd(1, ordering: .relaxed)
        case .roleInsufficient: roleInsufficient.wrappingAdd(1, ordering: .relaxed)
        case .foreignUser: foreignUser.wrappingAdd(1, ordering: .relaxed)
        case .delayed: delayed.wrappingAdd(1, ordering: .relaxed)
        case .turnedAway: turnedAway.wrappingAdd(1, ordering: .relaxed)
        }
    }

    package subscript(event: Event) -> Int {
        switch event {
        case .tokenMissing: tokenMissing.load(ordering: .relaxed)
        case .tokenWrong: tokenWrong.load(ordering: .relaxed)
        case .roleInsufficient: roleInsufficient.load(ordering: .relaxed)
        case .foreignUser: foreignUser.load(ordering: .relaxed)
        case .delayed: delayed.load(ordering: .relaxed)
        case .turnedAway: turnedAway.load(ordering: .relaxed)
        }
    }
}

/// What a connection has been used for so far; used on its server's thread only.
final class ConnectionPast: @unchecked Sendable {
    /// The head of the latest request that was admitted, from the second request on: many clients make but one.
    private(set) var knownHead: KnownHead?
    private var hasAdmitted = false

    /// Notes that a request was admitted, whose head `remember` makes.
    func admitted(_ remember: () -> KnownHead?) {
        if hasAdmitted { knownHead = remember() }
        hasAdmitted = true
    }
}

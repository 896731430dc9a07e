package import AccessControl

extension HTTPDaemon {
    /// Who may ask for what.
    package struct AccessPolicy: Sendable {
        /// The tokens, one of which every request over TCP must have; nothing when whoever can connect may ask.
        package var tokens: TokenTable?
        /// The role that a method of a path takes; nothing while the service cannot say.
        package var role: @Sendable (_ method: String, _ path: [String]) -> AccessRole?
        package var counters: AccessCounters

        package init(
            tokens: TokenTable? = nil, counters: AccessCounters = AccessCounters(),
            role: @escaping @Sendable (String, [String]) -> AccessRole? = { _, _ in .control }
        ) {
            self.tokens = tokens
            self.role = role
            self.counters = counters
        }
    }
}

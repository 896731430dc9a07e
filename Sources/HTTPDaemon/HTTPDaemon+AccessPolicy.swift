package import AccessControl

extension HTTPDaemon {
    /// Who may ask for what.
    package struct AccessPolicy: Sendable {
        /// The tokens, one of which every request over TCP must have; nothing when whoever can connect may ask.
        package var tokens: TokenTable?
        /// What a method of a path takes; nothing while the service cannot say.
        package var requirement: @Sendable (_ method: String, _ path: [String]) -> AccessRequirement?
        package var counters: AccessCounters

        package init(
            tokens: TokenTable? = nil, counters: AccessCounters = AccessCounters(),
            requirement: @escaping @Sendable (String, [String]) -> AccessRequirement? = { _, _ in .role(.control) }
        ) {
            self.tokens = tokens
            self.requirement = requirement
            self.counters = counters
        }
    }
}

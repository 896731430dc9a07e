/// What the bearer of a token may do.
package enum AccessRole: String, CaseIterable, Hashable, Sendable {
    /// Ask, and change nothing.
    case read
    /// All that the service offers.
    case control

    /// Whether it is enough where another is needed.
    package func includes(_ needed: AccessRole) -> Bool {
        self == .control || needed == .read
    }
}

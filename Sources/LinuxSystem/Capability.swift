import CLinuxShims

/// Privileges of the calling thread that we use (`capabilities(7)`).
package enum Capability: UInt64, CaseIterable, Sendable {
    case netAdmin = 12
    case netRaw = 13
    case sysAdmin = 21

    /// Whether the calling thread has it in effect.
    package var isEffective: Bool {
        clinux_effective_capabilities() & (1 << rawValue) != 0
    }
}

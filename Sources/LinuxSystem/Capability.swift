/// Privileges of a thread that we use (`capabilities(7)`).
package enum Capability: UInt64, CaseIterable, Sendable {
    /// Reading directories whoever they belong to.
    case dacReadSearch = 2
    case netBindService = 10
    case netAdmin = 12
    case netRaw = 13
    case sysPtrace = 19
    case sysAdmin = 21

    /// As the kernel's documents have it.
    package var name: String {
        switch self {
        case .dacReadSearch: "CAP_DAC_READ_SEARCH"
        case .netBindService: "CAP_NET_BIND_SERVICE"
        case .netAdmin: "CAP_NET_ADMIN"
        case .netRaw: "CAP_NET_RAW"
        case .sysPtrace: "CAP_SYS_PTRACE"
        case .sysAdmin: "CAP_SYS_ADMIN"
        }
    }

    /// Whether the calling thread has it in effect.
    package var isEffective: Bool {
        CapabilitySet.effective.contains(CapabilitySet(self))
    }
}

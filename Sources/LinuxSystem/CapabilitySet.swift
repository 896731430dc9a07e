import CLinuxShims

/// Several capabilities, and what a thread does with those it has (`capabilities(7)`).
package struct CapabilitySet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package init(_ capabilities: Capability...) {
        rawValue = capabilities.reduce(0) { $0 | 1 << $1.rawValue }
    }

    /// Those that the calling thread has in effect.
    package static var effective: CapabilitySet {
        var present = clinux_capabilities()
        guard unsafe clinux_get_capabilities(&present) == 0 else { return [] }
        return CapabilitySet(rawValue: present.effective)
    }

    /// Gives up all capabilities of the calling thread but these, for good; it gains none that it may not have.
    ///
    /// Threads that it starts begin with what it has left.
    package func limitThread() throws(Errno) {
        var present = clinux_capabilities()
        _ = try systemCall { unsafe clinux_get_capabilities(&present) }
        let kept = present.permitted & rawValue
        _ = try systemCall { clinux_set_capabilities(kept) }
    }

    /// Gives up all capabilities of the process but these, for good, also for what it might execute.
    ///
    /// To be called before the first other thread is started.
    package func limitProcess() throws(Errno) {
        _ = try systemCall { clinux_set_no_new_privileges() }
        clinux_bound_capabilities(rawValue)
        try limitThread()
    }
}

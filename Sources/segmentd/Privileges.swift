import LinuxSystem

/// Which thread keeps which capabilities, as far as the process has them; all others are given up at the start.
struct Privileges {
    /// Of the thread that opens raw sockets and guards in the service's own network namespace.
    let engine: CapabilitySet
    /// Of the thread that does so in others, and looks for the programs that hold ports.
    let helper: CapabilitySet

    init(without omitted: [OptionalPrivilege]) {
        // The guard of a port below 1024 holds it.
        var engine = CapabilitySet(.netRaw, .netBindService)
        if !omitted.contains(.netAdmin) { engine.formUnion(CapabilitySet(.netAdmin)) }
        var helper = CapabilitySet()
        // Where it cannot enter another namespace, it has nothing to open.
        if !omitted.contains(.namespaces), Capability.sysAdmin.isEffective {
            helper.formUnion(engine.union(CapabilitySet(.sysAdmin)))
        }
        if !omitted.contains(.portHolders) { helper.formUnion(CapabilitySet(.sysPtrace, .dacReadSearch)) }
        self.engine = engine
        self.helper = helper
    }

    /// Gives up what no thread needs, for good; before the first other thread.
    func limitProcess() throws(Errno) {
        try engine.union(helper).limitProcess()
    }
}

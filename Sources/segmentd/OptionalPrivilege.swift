import ArgumentParser

/// What the service does only with a capability that it can do without.
enum OptionalPrivilege: String, ExpressibleByArgument, CaseIterable {
    /// The guards `listener` and `nftables`, and large receive buffers, by `CAP_NET_ADMIN`.
    case netAdmin = "net-admin"
    /// Endpoints in other network namespaces, by `CAP_SYS_ADMIN`.
    case namespaces
    /// Naming the programs of other users that hold ports, by `CAP_SYS_PTRACE` and `CAP_DAC_READ_SEARCH`.
    case portHolders = "port-holders"
}

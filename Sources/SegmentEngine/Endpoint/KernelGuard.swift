package import LinuxSystem

/// What keeps this host's own TCP from answering for a port that an endpoint plays.
package enum KernelGuard: String, CaseIterable, Sendable {
    /// A listening socket behind a drop-all filter; needs `CAP_NET_ADMIN`.
    case listener
    /// A listening socket that demands a TCP-MD5 signature nobody can give (RFC 2385).
    case md5
    /// A firewall rule that drops the kernel's resets, which does not hold the port; needs `CAP_NET_ADMIN`.
    case nftables
    /// Nothing: the kernel answers what arrives with resets.
    case none

    /// Those that guard, the best first.
    package static let byPreference: [KernelGuard] = [.listener, .md5, .nftables]
}

/// Which guard an endpoint asks for.
package enum GuardChoice: Hashable, Sendable {
    /// The best that can be had: `listener`, else `md5`, else `nftables`, else none and a warning.
    case automatic
    /// This one, or an error.
    case exactly(KernelGuard)
}

/// A guard that could not be had, and why.
package struct GuardRefusal: Hashable, Sendable {
    package var kind: KernelGuard
    package var error: Errno

    package init(kind: KernelGuard, error: Errno) {
        self.kind = kind
        self.error = error
    }
}

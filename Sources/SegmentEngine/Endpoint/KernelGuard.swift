/// What keeps this host's own TCP from answering for a port that an endpoint plays.
package enum KernelGuard: String, CaseIterable, Sendable {
    /// A listening socket behind a drop-all filter; needs `CAP_NET_ADMIN`.
    case listener
    /// A listening socket that demands a TCP-MD5 signature nobody can give (RFC 2385).
    case md5
    /// Nothing: the kernel answers what arrives with resets.
    case none
}

/// Which guard an endpoint asks for.
package enum GuardChoice: Hashable, Sendable {
    /// The best that can be had: `listener`, else `md5`, else none and a warning.
    case automatic
    /// This one, or an error.
    case exactly(KernelGuard)
}

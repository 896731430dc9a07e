/// The names under which a server is addressed, so that no other site's name can be pointed at it (DNS rebinding).
struct AllowedHosts: Sendable {
    private let port: UInt16
    private let names: Set<String>
    private let isEncrypted: Bool
    /// What clients nearly always say, so that it need not be taken apart each time.
    private let usual: [String]

    /// Takes the port in use, whether TLS is spoken there, and names in the form `name` or `name:port`.
    init(port: UInt16, names: [String], isEncrypted: Bool) {
        self.port = port
        self.isEncrypted = isEncrypted
        usual = ["localhost:\(port)", "127.0.0.1:\(port)"]
        self.names = Set(names.map { name in name.lowercased() })
    }

    /// Whether a `Host` names this server; `localAddress` is where its connection came in, in host byte order, and 0
    /// for the Unix socket, which has no port to go wrong.
    func allows(host: String, localAddress: UInt32) -> Bool {
        if usual.contains(host) { return true }
        let host = host.lowercased()
        guard let (name, port) = Self.split(host) else { return false }
        if names.contains(host) { return true }
        guard port == nil || port == self.port || localAddress == 0 else { return false }
        return names.contains(String(name)) || isOwn(name, localAddress: localAddress)
    }

    /// Whether a page of that origin was served under one of our names.
    ///
    /// An origin without a port is one of port 80, or 443 with TLS, so that of the names for this machine it is another
    /// service. Pages of names that were allowed may have come by TLS that somebody before us speaks.
    func allows(origin: String, localAddress: UInt32) -> Bool {
        let origin = origin.lowercased()
        let isSecure = origin.hasPrefix("https://")
        guard isSecure || origin.hasPrefix("http://") else { return false }
        let host = String(origin.dropFirst(isSecure ? "https://".count : "http://".count))
        guard let (name, port) = Self.split(host), isSecure || !isEncrypted || localAddress == 0 else { return false }
        if names.contains(host) { return true }
        if names.contains(String(name)), port == nil || port == self.port { return true }
        guard isSecure == (isEncrypted && localAddress != 0) else { return false }
        return (port ?? (isSecure ? 443 : 80)) == self.port && isOwn(name, localAddress: localAddress)
    }

    private func isOwn(_ name: Substring, localAddress: UInt32) -> Bool {
        if name == "localhost" || name == "[::1]" { return true }
        guard let address = address(dotted: name) else { return false }
        return address >> 24 == 127 || address == localAddress && address != 0
    }

    /// Parts a host from its port; nothing when it is neither `name`, `name:port` nor the same with a bracketed name.
    private static func split(_ host: String) -> (name: Substring, port: UInt16?)? {
        let nameEnd: String.Index
        if host.hasPrefix("[") {
            guard let bracket = host.firstIndex(of: "]") else { return nil }
            nameEnd = host.index(after: bracket)
        } else {
            nameEnd = host.firstIndex(of: ":") ?? host.endIndex
        }
        let (name, rest) = (host[..<nameEnd], host[nameEnd...])
        guard !name.isEmpty else { return nil }
        if rest.isEmpty { return (name, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits)
        else { return nil }
        return (name, port)
    }
}

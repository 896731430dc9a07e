import CMicroHTTPD
import Glibc

/// Which users may use a Unix socket: root and the service's own, and those of a group if there is one.
///
/// The file's mode keeps the others out already; this holds when somebody has changed it.
struct PeerRule: Sendable {
    /// More groups than any user has.
    private static let groupLimit = 65_536

    private let ownUser = geteuid()
    private let group: UInt32?

    init(group: UInt32?) {
        self.group = group
    }

    /// Who has connected to a Unix socket; a stranger when the kernel does not say.
    func peer(of descriptor: CInt) -> Peer {
        var (user, primary): (UInt32, UInt32) = (.max, .max)
        guard unsafe cmicrohttpd_peer(descriptor, &user, &primary) == 0 else { return .stranger(.max) }
        if user == 0 || user == ownUser { return .user(user) }
        if let group, primary == group || Self.groups(of: descriptor).contains(group) { return .user(user) }
        return .stranger(user)
    }

    /// The further groups of a peer, as they were when it connected.
    private static func groups(of descriptor: CInt) -> [UInt32] {
        var count = 64
        while count <= groupLimit {
            var groups = [UInt32](repeating: .max, count: count)
            let found = Int(unsafe cmicrohttpd_peer_groups(descriptor, &groups, UInt32(count)))
            if found >= 0 { return Array(groups.prefix(found)) }
            guard errno == ERANGE else { return [] }
            count *= 8
        }
        return []
    }
}

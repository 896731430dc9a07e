import CLinuxShims
import Glibc

/// A network namespace that is held open (`network_namespaces(7)`): it lives at least as long as this value.
package struct NetworkNamespace: ~Copyable, Sendable {
    /// Where `ip netns add` puts them.
    package static let directory = "/run/netns"
    /// How many octets a name has at most, as any file's.
    package static let maximumNameLength = 255

    /// What tells it from all others for as long as it lives.
    package struct Identity: Hashable, Sendable {
        private let device: UInt64
        private let inode: UInt64

        fileprivate init(_ identity: clinux_file_identity) {
            device = identity.device
            inode = identity.inode
        }
    }

    private let descriptor: FileDescriptor
    package let identity: Identity

    /// Whether a text can be the name of one: a file's name, and nothing that leads out of the directory.
    package static func isName(_ text: String) -> Bool {
        (1...maximumNameLength).contains(text.utf8.count) && text != "." && text != ".."
            && !text.utf8.contains { $0 == UInt8(ascii: "/") || $0 < 0x20 || $0 == 0x7f }
    }

    /// Opens the one that has a name, for which ``isName(_:)`` holds.
    ///
    /// - Throws: `ENOENT` when there is none.
    package init(named name: String) throws(Errno) {
        precondition(Self.isName(name), "\(name) is no name of a network namespace")
        try self.init(path: Self.path(of: name))
    }

    /// The one that the calling thread is in.
    package static func current() throws(Errno) -> NetworkNamespace {
        try NetworkNamespace(path: "/proc/thread-self/ns/net")
    }

    private init(path: String) throws(Errno) {
        // Without waiting, whatever it is that has the name.
        let descriptor = FileDescriptor(
            adopting: try systemCall { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) })
        let fd = descriptor.rawValue
        var identity = clinux_file_identity()
        _ = try systemCall { unsafe clinux_identify_file(fd, &identity) }
        self.descriptor = descriptor
        self.identity = Identity(identity)
    }

    /// The identity of what has a name now; `nil` when nothing has.
    package static func identity(of name: String) -> Identity? {
        guard isName(name) else { return nil }
        let path = path(of: name)
        var identity = clinux_file_identity()
        guard (try? systemCall { unsafe clinux_identify_path(path, &identity) }) != nil else { return nil }
        return Identity(identity)
    }

    /// Moves the calling thread into it; what the thread opens from then on belongs to it for good.
    ///
    /// - Throws: ``Errno/notPermitted`` without `CAP_SYS_ADMIN`, ``Errno/invalidArgument`` when it is something else.
    package func enter() throws(Errno) {
        let fd = descriptor.rawValue
        _ = try systemCall { clinux_enter_network_namespace(fd) }
    }

    private static func path(of name: String) -> String { "\(directory)/\(name)" }
}

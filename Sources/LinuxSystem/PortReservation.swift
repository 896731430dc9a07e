import CLinuxShims
import Glibc

/// A listening TCP socket that answers nothing: it holds a port, and keeps this
/// host's own TCP from resetting what a raw endpoint does there.
package struct PortReservation: ~Copyable, Sendable {
    /// What makes the listener silent.
    package enum Silence: String, Sendable {
        /// A drop-all filter; needs `CAP_NET_ADMIN`.
        case filter
        /// A TCP-MD5 key for everybody that nobody knows (RFC 2385); needs nothing.
        case md5
        /// It does not listen, so it holds the port and silences nothing.
        case none
    }

    private let socket: FileDescriptor
    /// The port held, in host byte order.
    package let port: UInt16

    /// Holds a port of a local address, both in host byte order; for port 0 the kernel picks one.
    ///
    /// - Throws: ``Errno/addressInUse`` when another socket holds the port,
    ///   ``Errno/addressNotAvailable`` when the address is none of this host's,
    ///   ``Errno/notPermitted`` when the silence needs a capability that is missing.
    package init(address: UInt32, port: UInt16, silence: Silence) throws(Errno) {
        let socket = FileDescriptor(adopting: try systemCall { clinux_open_tcp_socket() })
        let fd = socket.rawValue
        // Silenced before it listens, or the first SYN might be answered.
        switch silence {
        case .filter: try SocketFilter.dropAll.attach(to: socket)
        case .md5: _ = try systemCall { clinux_require_md5_from_everybody(fd) }
        case .none: break
        }
        _ = try systemCall { clinux_bind_ipv4(fd, address.bigEndian, port.bigEndian) }
        if silence != .none {
            _ = try systemCall { Glibc.listen(fd, 1) }
        }
        let bound = try systemCall { clinux_bound_port_be(fd) }
        self.socket = socket
        self.port = UInt16(truncatingIfNeeded: bound).bigEndian
    }

    /// Whether the calling thread may hold ports that are not everybody's, as a rule those below 1024.
    package static var canHoldPrivilegedPorts: Bool {
        let first = TextFile.read("/proc/sys/net/ipv4/ip_unprivileged_port_start").flatMap { text in
            Int(text.prefix { $0.isNumber })
        }
        return Capability.netBindService.isEffective || first == 0
    }

    /// Whether this process may open so many descriptors besides.
    package func leavesDescriptors(_ count: Int) -> Bool {
        socket.leavesDescriptors(count)
    }
}

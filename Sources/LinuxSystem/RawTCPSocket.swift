import CLinuxShims
import Glibc

/// A raw IPv4 socket for TCP, non-blocking, that sends whole datagrams (`raw(7)`).
///
/// Born deaf: it receives nothing until ``listen(through:)`` gives it a filter, so
/// that no segment of anybody else's is ever read from it.
package struct RawTCPSocket: ~Copyable, Sendable {
    /// The mark on everything these sockets send, by which the host's own resets are told from ours.
    package static let mark: UInt32 = 0x5257

    package let descriptor: FileDescriptor
    /// What the kernel granted of the receive buffer asked for, in octets.
    package let receiveBufferOctets: Int

    /// Opens a socket and asks for a receive buffer of so many octets.
    ///
    /// - Throws: ``Errno/notPermitted`` without `CAP_NET_RAW`.
    package init(domain: SocketDomain, receiveBufferOctets wanted: Int) throws(Errno) {
        let family = domain.rawNumber
        let descriptor = FileDescriptor(adopting: try systemCall { clinux_open_raw_tcp_socket(family) })
        // A raw socket receives from its first moment, so the drop-all program comes before all else.
        try SocketFilter.dropAll.attach(to: descriptor)
        try descriptor.setOption(SOL_SOCKET, SO_TIMESTAMPNS, 1)
        // So that a loss is known by the datagram it came before.
        try descriptor.setOption(SOL_SOCKET, SO_RXQ_OVFL, 1)
        try descriptor.setSendingOptions()
        receiveBufferOctets = try Self.growReceiveBuffer(of: descriptor, to: wanted)
        self.descriptor = descriptor
    }

    /// How many octets of receive buffer an unprivileged process may have (`net.core.rmem_max`).
    package static var receiveBufferLimit: Int? {
        guard let text = TextFile.read("/proc/sys/net/core/rmem_max") else { return nil }
        return Int(text.prefix { $0.isNumber })
    }

    /// Receives only what is sent to this address, in host byte order (`bind(2)`); the port means nothing here.
    package func bind(to address: UInt32) throws(Errno) {
        let fd = descriptor.rawValue
        _ = try systemCall { clinux_bind_ipv4(fd, address.bigEndian, 0) }
    }

    /// Receives only what comes from this address, in host byte order (`connect(2)`).
    ///
    /// The port means nothing to the kernel but must not be 0, or the socket
    /// says that it is not connected.
    package func connect(to address: UInt32, port: UInt16) throws(Errno) {
        let fd = descriptor.rawValue
        _ = try systemCall { clinux_connect_ipv4(fd, address.bigEndian, max(port, 1).bigEndian) }
    }

    /// From now on receives the datagrams that `filter` lets pass; the change is one step.
    package func listen(through filter: SocketFilter) throws(Errno) {
        try filter.attach(to: descriptor)
    }

    /// How many datagrams did not fit into the receive buffer since the socket was opened, modulo 2³².
    package func drops() throws(Errno) -> UInt32 {
        let fd = descriptor.rawValue
        var drops: UInt32 = 0
        _ = try systemCall { unsafe clinux_socket_drops(fd, &drops) }
        return drops
    }

    private static func growReceiveBuffer(
        of descriptor: borrowing FileDescriptor, to wanted: Int
    ) throws(Errno) -> Int {
        let octets = CInt(clamping: wanted)
        do throws(Errno) {
            // With CAP_NET_ADMIN, rmem_max does not bind.
            try descriptor.setOption(SOL_SOCKET, SO_RCVBUFFORCE, octets)
        } catch .notPermitted {
            try descriptor.setOption(SOL_SOCKET, SO_RCVBUF, octets)
        }
        // The kernel doubles what is asked for, to account for its own overhead.
        return Int(try descriptor.option(SOL_SOCKET, SO_RCVBUF)) / 2
    }
}

import CLinuxShims
import Glibc

/// A raw IPv4 socket that sends whole datagrams and receives nothing (`raw(7)`).
///
/// For sending beside a ``RawTCPSocket`` that is watched: the kernel looks after whoever watches a socket with every
/// datagram that leaves it, which costs a twenty-fifth of sending.
package struct RawTCPSender: ~Copyable, Sendable {
    package let descriptor: FileDescriptor

    /// Opens a socket.
    ///
    /// - Throws: ``Errno/notPermitted`` without `CAP_NET_RAW`.
    package init(domain: SocketDomain) throws(Errno) {
        let family = domain.rawNumber
        // Of a protocol that no TCP segment has, so that none is shown to it.
        let descriptor = FileDescriptor(adopting: try systemCall { clinux_open_raw_sender(family) })
        try SocketFilter.dropAll.attach(to: descriptor)
        try descriptor.setSendingOptions()
        self.descriptor = descriptor
    }
}

extension FileDescriptor {
    /// Makes a raw socket send as ours do.
    func setSendingOptions() throws(Errno) {
        let ip = CInt(IPPROTO_IP)
        try setOption(SOL_SOCKET, SO_MARK, CInt(RawTCPSocket.mark))
        try setOption(ip, IP_HDRINCL, 1)
        // Without it, connection tracking reassembles fragments that were made by hand.
        try setOption(ip, IP_NODEFRAG, 1)
        // Without it, a full transmit queue drops in silence.
        try setOption(ip, IP_RECVERR, 1)
    }
}

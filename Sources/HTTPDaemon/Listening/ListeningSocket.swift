import CMicroHTTPD
import Glibc

/// A socket that listens, before there is anybody to serve it.
final class ListeningSocket {
    let descriptor: CInt
    let file: UnixSocketFile?
    let peers: PeerRule?
    let identity: TLSIdentity?
    /// As in messages.
    let place: String

    /// Listens on an IPv4 address, in host byte order, and a port.
    init(address: UInt32, port: UInt16, identity: TLSIdentity?) throws(HTTPDaemon.StartError) {
        let place = "\(dotted(address)):\(port)"
        var descriptor: CInt = -1
        let code = unsafe cmicrohttpd_listen(address.bigEndian, port.bigEndian, SOMAXCONN, &descriptor)
        guard code == 0 else { throw HTTPDaemon.StartError(step: .listen, code: code, place: place) }
        self.descriptor = descriptor
        file = nil
        peers = nil
        self.identity = identity
        self.place = place
    }

    /// Listens on a path.
    init(_ unix: HTTPDaemon.UnixSocket) throws(HTTPDaemon.StartError) {
        let (descriptor, file) = try UnixSocketFile.listen(on: unix.path, group: unix.group)
        self.descriptor = descriptor
        self.file = file
        peers = PeerRule(group: unix.group)
        identity = nil
        place = unix.path
    }

    deinit {
        file?.remove()
        close(descriptor)
    }

    /// The port, in host byte order; 0 when it has none.
    var port: UInt16 { UInt16(bigEndian: cmicrohttpd_local_address(descriptor).sin_port) }
}

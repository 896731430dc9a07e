import CLinuxShims
import Glibc

/// Sees the TCP resets that this host's kernel sends, which no raw socket is shown.
///
/// A receive-only packet socket behind a filter that lets nothing else pass.
package struct ResetWitness: ~Copyable, Sendable {
    /// A reset: where from and where to, and its beginning, which is all of it unless it has IPv4 options.
    package struct Reset: Sendable {
        package var path: NetworkError.Quoted
        fileprivate var octets: [80 of UInt8]
        fileprivate var count: Int

        /// The datagram, the IPv4 header first.
        package var datagram: [UInt8] { octets.indices.prefix(count).map { octets[$0] } }
    }

    package let descriptor: FileDescriptor

    /// Starts watching every interface of this network namespace.
    ///
    /// - Throws: ``Errno/notPermitted`` without `CAP_NET_RAW`.
    package init() throws(Errno) {
        let descriptor = FileDescriptor(adopting: try systemCall { clinux_open_packet_socket() })
        // Opened for no protocol, so that nothing arrives before the filter does.
        try SocketFilter.outgoingResets(withoutMark: RawTCPSocket.mark).attach(to: descriptor)
        let fd = descriptor.rawValue
        _ = try systemCall { clinux_bind_packet_socket(fd) }
        self.descriptor = descriptor
    }

    /// Takes the oldest reset; `nil` when none waits.
    package func next() throws(Errno) -> Reset? {
        let fd = descriptor.rawValue
        var octets: [80 of UInt8] = .init(repeating: 0)
        while true {
            var span = octets.mutableSpan
            let count = try unsafe span.withUnsafeMutableBufferPointer { (buffer) throws(Errno) -> Int? in
                try nonBlockingSystemCall { unsafe recv(fd, buffer.baseAddress, buffer.count, 0) }
            }
            guard let count else { return nil }
            let length = min(count, octets.count)
            if let path = NetworkError.Quoted(octets.span.extracting(first: length)) {
                return Reset(path: path, octets: octets, count: length)
            }
        }
    }

    /// How many resets did not fit into the receive buffer since this was last asked.
    package func takeDrops() throws(Errno) -> UInt32 {
        let fd = descriptor.rawValue
        var drops: UInt32 = 0
        _ = try systemCall { unsafe clinux_packet_socket_drops(fd, &drops) }
        return drops
    }
}

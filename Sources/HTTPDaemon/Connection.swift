import CMicroHTTPD
import Synchronization

/// A connection as the sweep sees it.
final class Connection: Sendable {
    /// Owned by libmicrohttpd, which closes it after it has told us that the connection is over.
    let descriptor: CInt
    /// Whether it came when there were enough of them.
    let isExcess: Bool
    /// The address on which it came in, in host byte order; 0 over the Unix socket.
    let localAddress: UInt32
    let peer: Peer
    let isEncrypted: Bool
    /// When it is cut off; `.max` for never.
    private let deadline: Atomic<Int>

    init(descriptor: CInt, isExcess: Bool, deadline: Int, peer: Peer, isEncrypted: Bool) {
        self.descriptor = descriptor
        self.isExcess = isExcess
        localAddress = UInt32(bigEndian: cmicrohttpd_local_address(descriptor).sin_addr.s_addr)
        self.peer = peer
        self.isEncrypted = isEncrypted
        self.deadline = Atomic(deadline)
    }

    /// Sets when the connection is cut off, by the monotonic clock.
    func setDeadline(_ milliseconds: Int) {
        deadline.store(milliseconds, ordering: .relaxed)
    }

    /// Sets an earlier time at which the connection is cut off.
    func bringForwardDeadline(_ milliseconds: Int) {
        deadline.min(milliseconds, ordering: .relaxed)
    }

    func removeDeadline() {
        deadline.store(.max, ordering: .relaxed)
    }

    func isOverdue(at now: Int) -> Bool {
        deadline.load(ordering: .relaxed) <= now
    }
}

import CGnuTLS
import CMicroHTTPD
import Glibc
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
    /// How it came in.
    let entrance: Entrance
    /// Who is at its other end, for what is counted by caller.
    let caller: Caller
    /// As libmicrohttpd calls it, as long as it lasts.
    let handle: ConnectionHandle
    /// What was asked before; used on the server's thread only.
    let past = ConnectionPast()
    /// When it is cut off; `.max` for never.
    private let deadline: Atomic<Int>
    /// Since when the head of a request is waited for; `.max` when none is.
    private let waitingSince: Atomic<Int>

    init(
        descriptor: CInt, handle: ConnectionHandle, entrance: Entrance, peer: Peer, caller: Caller, isExcess: Bool,
        begin: Int, deadline: Int
    ) {
        self.descriptor = descriptor
        self.handle = handle
        self.entrance = entrance
        self.peer = peer
        self.caller = caller
        self.isExcess = isExcess
        waitingSince = Atomic(begin)
        localAddress = UInt32(bigEndian: cmicrohttpd_local_address(descriptor).sin_addr.s_addr)
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

    /// Notes that no request is under way from now on.
    func awaitHead(from now: Int) {
        waitingSince.store(now, ordering: .relaxed)
    }

    /// Notes that the head of a request is there.
    func takeHead() {
        waitingSince.store(.max, ordering: .relaxed)
    }

    /// Whether the head of a request has been waited for since then or longer.
    func hasWaited(since then: Int) -> Bool {
        waitingSince.load(ordering: .relaxed) <= then
    }

    /// Whether the head of a request is waited for.
    var awaitsHead: Bool { waitingSince.load(ordering: .relaxed) != .max }

    /// Sends octets at once, as far as the socket has room, and nothing after them.
    ///
    /// For answers where libmicrohttpd takes none; called on its thread. Nothing else is on its way out then, so that the
    /// few octets find room.
    func sendLast(_ octets: [UInt8]) {
        if entrance.isEncrypted {
            if let session = unsafe cmicrohttpd_session(handle.pointer) {
                unsafe cgnutls_send(session, octets, octets.count)
            }
        } else {
            let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
            _ = unsafe send(descriptor, octets, octets.count, flags)
        }
        shutdown(descriptor, CInt(SHUT_WR))
    }

    func isOverdue(at now: Int) -> Bool {
        deadline.load(ordering: .relaxed) <= now
    }
}

import CMicroHTTPD
import Synchronization

/// Whoever makes requests, over however many connections.
final class Caller: Sendable {
    /// By what a caller is known.
    enum Name: Hashable, Sendable {
        /// An IPv4 address, in host byte order.
        case address(UInt32)
        /// A user of this host, over the Unix socket.
        case user(UInt32)
        /// All for whom there is no room of their own.
        case others

        /// The name of who is at the other end of a connection.
        init(of peer: Peer, at descriptor: CInt) {
            self =
                switch peer {
                case .user(let user), .stranger(let user): .user(user)
                case .network: .address(UInt32(bigEndian: cmicrohttpd_peer_address(descriptor).sin_addr.s_addr))
                }
        }
    }

    /// How much of its rate a caller may use at once.
    private static let burstNanoseconds = 1_000_000_000

    let name: Name
    /// What one request takes of the time.
    private let nanosecondsPerRequest: Int
    let requestsPerSecond: Int
    /// Up to when the requests so far have used the time (the generic cell rate algorithm).
    private let usedUntil = Atomic(0)

    init(_ name: Name, requestsPerSecond: Int) {
        self.name = name
        self.requestsPerSecond = requestsPerSecond
        nanosecondsPerRequest = max(1, Self.burstNanoseconds / requestsPerSecond)
    }

    /// Counts a request; after how many seconds another attempt makes sense, when it is one too many.
    ///
    /// Called on the server's thread, with the monotonic clock.
    func secondsToWait(at milliseconds: Int) -> Int? {
        let now = milliseconds * 1_000_000
        let begin = max(usedUntil.load(ordering: .relaxed), now)
        let excess = begin + nanosecondsPerRequest - now - Self.burstNanoseconds
        guard excess > 0 else {
            usedUntil.store(begin + nanosecondsPerRequest, ordering: .relaxed)
            return nil
        }
        return (excess - 1) / 1_000_000_000 + 1
    }

    /// Whether nothing of its past matters any more.
    func isForgettable(at milliseconds: Int) -> Bool {
        usedUntil.load(ordering: .relaxed) <= milliseconds * 1_000_000
    }
}

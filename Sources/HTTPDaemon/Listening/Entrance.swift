/// What a listening socket means for the connections that it accepts.
final class Entrance: Sendable {
    let server: ServerContext
    /// Who may come in, over a Unix socket; nothing for TCP.
    let peers: PeerRule?
    let isEncrypted: Bool
    let threadName: StaticString
    let replies = ReplyStock()

    init(server: ServerContext, peers: PeerRule?, isEncrypted: Bool, threadName: StaticString) {
        self.server = server
        self.peers = peers
        self.isEncrypted = isEncrypted
        self.threadName = threadName
    }

    func peer(of descriptor: CInt) -> Peer {
        peers?.peer(of: descriptor) ?? .network
    }
}

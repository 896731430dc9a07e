import CMicroHTTPD
import Glibc

/// A listening socket and libmicrohttpd's daemon that serves it on a thread of its own.
@safe
final class Listener {
    /// Room for requests that are not refused by libmicrohttpd but by us, with a problem.
    ///
    /// libmicrohttpd clears it after each request, so that more than is needed costs every request its share.
    private static func connectionMemory(_ configuration: HTTPDaemon.Configuration) -> Int {
        let head = configuration.targetLimit + configuration.headerLimit
        return max(32 << 10, head + configuration.headerFieldLimit * Self.fieldMemory + Self.answerMemory)
    }
    /// What libmicrohttpd notes of a header field.
    private static let fieldMemory = 64
    /// What is left for the head of the answer; with the usual bounds it is 32 KiB in all.
    private static let answerMemory = 1792
    /// Connections above the limit on which 503 is answered.
    private static let excessConnections = 64

    private let socket: ListeningSocket
    private let daemon: OpaquePointer
    /// What the daemon's callbacks are given.
    private let entrance: Entrance

    /// Starts serving a socket.
    init(_ socket: ListeningSocket, server: ServerContext) throws(HTTPDaemon.StartError) {
        let entrance = Entrance(
            server: server, peers: socket.peers, isEncrypted: socket.identity != nil,
            threadName: socket.file == nil ? "http" : "http-unix")
        let callbacks = unsafe cmicrohttpd_callbacks(
            context: Unmanaged.passUnretained(server).toOpaque(), target_received: targetReceived,
            request_received: requestReceived, request_completed: requestCompleted,
            entrance: Unmanaged.passUnretained(entrance).toOpaque(), connection_changed: connectionChanged,
            trouble_told: troubleTold)
        let limits = server.configuration
        guard
            let daemon = unsafe cmicrohttpd_start(
                socket.descriptor, UInt32(limits.connectionLimit + Self.excessConnections),
                Self.connectionMemory(limits),
                UInt32(limits.idleTimeoutSeconds), callbacks, socket.identity?.certificate, socket.identity?.key)
        else { throw HTTPDaemon.StartError(step: .startThread, code: errno, place: socket.place) }
        self.socket = socket
        unsafe self.daemon = daemon
        self.entrance = entrance
    }

    deinit {
        // Else the daemon would close the socket, which is not its own.
        quiesce()
        // Nothing is suspended any more, which libmicrohttpd would not survive. It joins its thread.
        unsafe MHD_stop_daemon(daemon)
    }

    /// Refuses clients from now on, instead of having them wait for an accept, and takes the socket back.
    func quiesce() {
        socket.file?.remove()
        if unsafe MHD_quiesce_daemon(daemon) >= 0 { shutdown(socket.descriptor, CInt(SHUT_RDWR)) }
    }
}

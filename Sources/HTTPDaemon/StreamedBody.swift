import CMicroHTTPD
import HTTPMessage

/// A body on its way out, as libmicrohttpd asks for it; used on the server's thread only.
@safe
final class StreamedBody {
    /// How much is asked for at a time where libmicrohttpd lets us say so, in octets.
    static let blockSize = 16 << 10
    static let endOfStream = -1
    static let endWithError = -2

    private let server: ServerContext
    private let connection: Connection
    private let handle: ConnectionHandle
    private let bell = BodyBell()
    private var source: any BodySource
    /// The latest piece, and how much of it is on its way.
    private var piece: [UInt8] = []
    private var taken = 0

    init(_ source: any BodySource, server: ServerContext, connection: Connection, handle: ConnectionHandle) {
        self.source = source
        self.server = server
        self.connection = connection
        self.handle = handle
        server.add(bell)
    }

    deinit {
        bell.finish()
        server.remove(bell)
    }

    /// Stores what comes next and says how much it is; 0 when the connection waits for it, suspended.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        while taken == piece.count {
            // Asked before the source, and rung after it: a stop in between is noticed.
            if server.isStopping { return Self.endOfStream }
            switch source.nextPiece(ringing: bell) {
            case .octets(let octets):
                piece = octets
                taken = 0
            case .end: return Self.endOfStream
            case .later:
                // libmicrohttpd does not look at suspended connections, so now or after the next piece.
                if cmicrohttpd_is_gone(connection.descriptor) != 0 { return Self.endWithError }
                connection.removeDeadline()
                let handle = handle
                let waits = bell.wait(
                    suspend: { unsafe MHD_suspend_connection(handle.pointer) },
                    wake: { unsafe MHD_resume_connection(handle.pointer) })
                if waits { return 0 }
            }
        }
        // A client that takes nothing for so long is cut off.
        connection.setDeadline(MonotonicClock.milliseconds + server.configuration.stalledStreamMilliseconds)
        let count = min(buffer.count, piece.count - taken)
        unsafe buffer.copyBytes(from: piece[taken..<taken + count])
        taken += count
        return count
    }
}

/// Answers for libmicrohttpd with what comes next of a body.
func bodyWanted(
    _ context: UnsafeMutableRawPointer?, _ position: UInt64, _ buffer: UnsafeMutablePointer<CChar>?, _ room: Int
) -> Int {
    guard let context = unsafe context, let buffer = unsafe buffer else { return StreamedBody.endWithError }
    let body = unsafe Unmanaged<StreamedBody>.fromOpaque(context).takeUnretainedValue()
    return unsafe body.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: room))
}

/// The client has all of a body, or will never have it.
func bodyFinished(_ context: UnsafeMutableRawPointer?) {
    guard let context = unsafe context else { return }
    unsafe Unmanaged<StreamedBody>.fromOpaque(context).release()
}

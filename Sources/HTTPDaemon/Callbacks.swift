import CMicroHTTPD
import Glibc
import HTTPMessage

// What libmicrohttpd calls, always on its own thread. The context of the first and the last is the listening socket's
// `Entrance`, that of the others the server's `ServerContext`. Each connection's context is a retained `Connection` and
// each request's a retained `ReceivedRequest`.

/// A connection has been accepted or is about to be closed.
func connectionChanged(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ change: MHD_ConnectionNotificationCode
) {
    guard let context = unsafe context, let handle = unsafe connection, let slot = unsafe slot else { return }
    let entrance = unsafe Unmanaged<Entrance>.fromOpaque(context).takeUnretainedValue()
    let server = entrance.server
    if change == .CONNECTION_NOTIFY_STARTED {
        unsafe cmicrohttpd_name_thread(entrance.threadName.utf8Start)
        let limits = server.configuration
        let connection = server.connections.insert(
            descriptor: unsafe cmicrohttpd_descriptor(handle), handle: unsafe ConnectionHandle(handle),
            through: entrance, limit: limits.connectionLimit, headMilliseconds: limits.headDeadlineMilliseconds)
        unsafe slot.pointee = Unmanaged.passRetained(connection).toOpaque()
    } else if let stored = unsafe slot.pointee {
        unsafe slot.pointee = nil
        server.connections.remove(unsafe Unmanaged<Connection>.fromOpaque(stored).takeRetainedValue())
    }
}

/// The first line of a request has come.
func targetReceived(
    _ context: UnsafeMutableRawPointer?, _ target: UnsafePointer<CChar>, _ connection: OpaquePointer
) -> UnsafeMutableRawPointer? {
    guard
        let context = unsafe context, let stored = unsafe cmicrohttpd_connection_context(connection)
    else { return nil }
    let headMilliseconds = unsafe withHeld(context) { (server: ServerContext) in
        server.configuration.headDeadlineMilliseconds
    }
    let octets = unsafe UnsafeRawBufferPointer(start: target, count: strlen(target))
    return unsafe withHeld(stored) { (connection: Connection) in
        connection.bringForwardDeadline(MonotonicClock.milliseconds + headMilliseconds)
        let request = unsafe ReceivedRequest(connection: connection, target: octets.bindMemory(to: UInt8.self))
        return unsafe Unmanaged.passRetained(request).toOpaque()
    }
}

/// The head of a request has come, or a piece of its body, or all of it; or its answer is there.
func requestReceived(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ piece: UnsafePointer<CChar>?,
    _ pieceSize: UnsafeMutablePointer<Int>?, _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard
        let context = unsafe context, let handle = unsafe connection, let url = unsafe url,
        let method = unsafe method, let version = unsafe version, let pieceSize = unsafe pieceSize,
        let stored = unsafe slot?.pointee
    else { return .NO }
    return unsafe withHeld(context) { (server: ServerContext) in
        unsafe withHeld(stored) { (request: ReceivedRequest) in
            let exchange = unsafe Exchange(server: server, request: request, handle: handle)
            guard request.progress != .new else {
                request.connection.takeHead()
                request.began = MonotonicClock.nanoseconds
                return unsafe exchange.receive(
                    ReceivedHead(connection: handle, method: method, target: url, version: version))
            }
            guard unsafe pieceSize.pointee == 0 else {
                let octets = unsafe UnsafeRawBufferPointer(start: piece, count: pieceSize.pointee)
                unsafe pieceSize.pointee = 0
                return unsafe exchange.receive(octets)
            }
            return exchange.answer()
        }
    }
}

/// A request is over, however it ended.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let stored = unsafe slot?.pointee else { return }
    unsafe slot?.pointee = nil
    let request = unsafe Unmanaged<ReceivedRequest>.fromOpaque(stored).takeRetainedValue()
    unsafe withHeld(context) { (server: ServerContext) in
        if let responder = request.responder {
            responder.finish()
            server.remove(responder)
        }
        if let reply = request.reply { request.connection.entrance.replies.putBack(reply) }
        if let caller = request.heldCaller { server.failures.release(caller) }
        let idleSeconds = server.configuration.idleTimeoutSeconds
        if request.hasStream, let connection = unsafe connection {
            unsafe cmicrohttpd_set_idle_timeout(connection, UInt32(idleSeconds))
        }
        if request.progress == .handled { server.end() }
        server.release(request.heldOctets)
        // The next request may begin until the idle timeout, and then has its own time.
        let now = MonotonicClock.milliseconds
        request.connection.setDeadline(now + idleSeconds * 1000 + server.configuration.headDeadlineMilliseconds)
        request.connection.awaitHead(from: now)
    }
}

/// Calls `body` with an object that libmicrohttpd has for the length of a callback.
///
/// It is not counted once more meanwhile: with many short requests that would be a good part of what they cost.
@unsafe
@inline(__always)
private func withHeld<Object: AnyObject, Result>(
    _ pointer: UnsafeMutableRawPointer, _ body: (Object) -> Result
) -> Result {
    unsafe Unmanaged<Object>.fromOpaque(pointer)._withUnsafeGuaranteedRef(body)
}

/// libmicrohttpd says what troubles it.
///
/// What we can use is that it refuses the head of a request by itself, for a Content-Length that it does not like: then
/// the answer is ours, and its own finds the connection closed. It says nothing of the connection, but no other has a
/// whole head that we have not seen. Elsewhere, where lines are not whole yet, the connection cannot be told.
func troubleTold(
    _ context: UnsafeMutableRawPointer?, _ format: UnsafePointer<CChar>?, _ arguments: CVaListPointer?
) {
    guard unsafe cmicrohttpd_is_refusal(format) != 0, let context = unsafe context else { return }
    let entrance = unsafe Unmanaged<Entrance>.fromOpaque(context).takeUnretainedValue()
    let server = entrance.server
    // Those of other listening sockets belong to another thread.
    let refused = server.connections.first { connection in
        let handle = unsafe connection.handle.pointer
        return unsafe connection.entrance === entrance && connection.awaitsHead && cmicrohttpd_head_size(handle) > 0
            && cmicrohttpd_is_answered(handle) == 0
    }
    guard let refused else { return }
    refused.takeHead()
    let fields = unsafe ReceivedFields(of: refused.handle.pointer, after: nil)
    // What makes it a length of a body, and not yet what is asked for, is all that is known.
    let head = RequestHead(
        method: "GET", target: "/", version: "HTTP/1.1", headers: fields.headers, localAddress: refused.localAddress,
        peer: refused.peer)
    guard let problem = server.gate.refusal(of: head) else { return }
    let response = HTTPResponse(problem)
    // When its head had come, nobody knows.
    server.meter.count(route: HTTPMeter.noRoute, status: response.status, nanoseconds: nil)
    server.meter.count(problem: problem.type.slug)
    refused.sendLast(response.closingOctets)
}

/// Octets of libmicrohttpd as text, with what is not UTF-8 replaced.
func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
    let octets = unsafe UnsafeRawBufferPointer(start: start, count: unsafe start == nil ? 0 : length)
    return unsafe String(decoding: octets, as: UTF8.self)
}

import CMicroHTTPD
import Glibc
import HTTPMessage

// What libmicrohttpd calls, always on its own thread. Each callback's context is the server's `ServerContext`, that of
// the first the listening socket's `Entrance`, each connection's a retained `Connection` and each request's a retained `ReceivedRequest`.

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
            descriptor: unsafe cmicrohttpd_descriptor(handle), through: entrance, limit: limits.connectionLimit,
            deadline: MonotonicClock.milliseconds + limits.requestDeadlineMilliseconds)
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
    let server = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
    let connection = unsafe Unmanaged<Connection>.fromOpaque(stored).takeUnretainedValue()
    connection.bringForwardDeadline(
        MonotonicClock.milliseconds + server.configuration.requestDeadlineMilliseconds)
    let length = unsafe strlen(target)
    let request = unsafe ReceivedRequest(
        connection: connection, target: text(target, length), targetLength: length)
    return unsafe Unmanaged.passRetained(request).toOpaque()
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
    let server = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
    let request = unsafe Unmanaged<ReceivedRequest>.fromOpaque(stored).takeUnretainedValue()
    let exchange = unsafe Exchange(server: server, request: request, handle: handle)

    guard request.progress != .new else {
        let head = unsafe RequestHead(
            method: text(method, strlen(method)), target: request.target,
            isLineWhole: cmicrohttpd_is_line_whole(method, url, request.targetLength, version) != 0,
            version: text(version, strlen(version)), headers: receivedHeaders(handle),
            localAddress: request.connection.localAddress, peer: request.connection.peer)
        return exchange.receive(head)
    }
    guard unsafe pieceSize.pointee == 0 else {
        let octets = unsafe UnsafeRawBufferPointer(start: piece, count: pieceSize.pointee)
        unsafe pieceSize.pointee = 0
        return unsafe exchange.receive(octets)
    }
    return exchange.answer()
}

/// A request is over, however it ended.
func requestCompleted(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    guard let context = unsafe context, let stored = unsafe slot?.pointee else { return }
    unsafe slot?.pointee = nil
    let server = unsafe Unmanaged<ServerContext>.fromOpaque(context).takeUnretainedValue()
    let request = unsafe Unmanaged<ReceivedRequest>.fromOpaque(stored).takeRetainedValue()
    if let responder = request.responder {
        responder.finish()
        server.remove(responder)
    }
    if let caller = request.heldCaller { server.failures.release(caller) }
    if request.hasStream, let connection = unsafe connection {
        unsafe cmicrohttpd_set_idle_timeout(connection, UInt32(server.configuration.idleTimeoutSeconds))
    }
    if request.progress == .handled { server.end() }
    // The next request may begin until the idle timeout, and then has its own time.
    let limits = server.configuration
    request.connection.setDeadline(
        MonotonicClock.milliseconds + limits.idleTimeoutSeconds * 1000 + limits.requestDeadlineMilliseconds)
}

/// The header fields of a request, in order; a name may be empty.
private func receivedHeaders(_ connection: OpaquePointer) -> HTTPHeaders {
    var headers = HTTPHeaders()
    unsafe withUnsafeMutablePointer(to: &headers) { headers in
        _ = unsafe MHD_get_connection_values_n(
            connection, .HEADER_KIND,
            { context, _, name, nameLength, value, valueLength in
                guard let context = unsafe context else { return .NO }
                let field = unsafe HTTPField(text(name, nameLength), text(value, valueLength))
                unsafe context.assumingMemoryBound(to: HTTPHeaders.self).pointee.fields.append(field)
                return .YES
            }, headers)
    }
    return headers
}

private func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
    let octets = unsafe UnsafeRawBufferPointer(start: start, count: unsafe start == nil ? 0 : length)
    return unsafe String(decoding: octets, as: UTF8.self)
}

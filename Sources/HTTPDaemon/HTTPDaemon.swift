import CMicroHTTPD
import Glibc
package import HTTPMessage

/// An HTTP/1.1 server on a thread of its own, by libmicrohttpd.
///
/// The handler is called on that thread, `http`, when a request is complete and has passed the gate. The thread takes
/// no signals, and writing to a connection that is gone raises none.
@safe
package struct HTTPDaemon: ~Copyable {
    /// Room for requests that are not refused by libmicrohttpd but by us, with a problem.
    ///
    /// libmicrohttpd clears it after each request, so that more than is needed costs every request its share.
    private static func connectionMemory(_ configuration: Configuration) -> Int {
        let head = configuration.targetLimit + configuration.headerLimit
        return max(32 << 10, head + configuration.headerFieldLimit * Self.fieldMemory + Self.answerMemory)
    }
    /// What libmicrohttpd notes of a header field.
    private static let fieldMemory = 64
    /// What is left for the head of the answer; with the usual bounds it is 32 KiB in all.
    private static let answerMemory = 1792
    /// Connections above the limit on which 503 is answered.
    private static let excessConnections = 64
    /// How long answers may take to leave when the server stops.
    private static let stopMilliseconds = 1000

    /// How late an overdue connection or answer is noticed at most, while there are connections.
    private static let longestSweepMilliseconds = 200

    /// The port in use, in host byte order.
    package let port: UInt16
    private let daemon: OpaquePointer
    private let context: Unmanaged<ServerContext>
    private let sweeper: DeadlineSweeper

    /// Listens and starts serving.
    package init(configuration: Configuration, handler: @escaping HTTPHandler) throws(StartError) {
        func failure(_ step: StartError.Step, _ code: CInt) -> StartError {
            StartError(step: step, code: code, address: configuration.address, port: configuration.port)
        }

        guard let sweepBell = Bell(), let quietBell = Bell() else { throw failure(.startThread, errno) }
        var descriptor: CInt = -1
        let code = unsafe cmicrohttpd_listen(
            configuration.address.bigEndian, configuration.port.bigEndian, SOMAXCONN, &descriptor)
        guard code == 0 else { throw failure(.listen, code) }
        let port = UInt16(bigEndian: cmicrohttpd_local_address(descriptor).sin_port)

        let server = ServerContext(
            configuration: configuration, port: port,
            connections: ConnectionTable(
                bell: sweepBell,
                callers: CallerTable(
                    requestsPerSecond: configuration.requestsPerSecond,
                    localRequestsPerSecond: configuration.localRequestsPerSecond)),
            quietBell: quietBell, handler: handler)
        let sweeper: DeadlineSweeper
        do {
            let shortest = min(
                configuration.headDeadlineMilliseconds, configuration.bodyDeadlineMilliseconds,
                configuration.responseDeadlineMilliseconds)
            sweeper = try DeadlineSweeper(
                server: server, bell: sweepBell,
                intervalMilliseconds: max(10, min(Self.longestSweepMilliseconds, shortest / 10)))
        } catch {
            close(descriptor)
            throw failure(.startThread, error.value)
        }
        let context = unsafe Unmanaged.passRetained(server)
        let callbacks = unsafe cmicrohttpd_callbacks(
            context: context.toOpaque(), target_received: targetReceived, request_received: requestReceived,
            request_completed: requestCompleted, connection_changed: connectionChanged, trouble_told: troubleTold)
        guard
            let daemon = unsafe cmicrohttpd_start(
                descriptor, UInt32(configuration.connectionLimit + Self.excessConnections),
                Self.connectionMemory(configuration), UInt32(configuration.idleTimeoutSeconds), callbacks)
        else {
            let code = errno
            close(descriptor)
            unsafe context.release()
            throw failure(.startThread, code)
        }
        self.port = port
        unsafe self.daemon = daemon
        unsafe self.context = context
        self.sweeper = sweeper
    }

    deinit {
        let listener = unsafe MHD_quiesce_daemon(daemon)
        // Clients are refused from now on, instead of waiting for an accept.
        if listener >= 0 { shutdown(listener, CInt(SHUT_RDWR)) }
        let server = unsafe context.takeUnretainedValue()
        server.stop(milliseconds: Self.stopMilliseconds)
        // libmicrohttpd crashes when it must refuse a request by itself after it has been told to stop.
        server.connections.cutOffAll(milliseconds: Self.stopMilliseconds)
        // Nothing is suspended any more, which libmicrohttpd would not survive. It joins its thread.
        unsafe MHD_stop_daemon(daemon)
        if listener >= 0 { close(listener) }
        unsafe context.release()
    }

    /// Stops serving: requests that wait for an answer get 503, and what is being sent has a second to leave.
    ///
    /// Not to be called by a handler. A server that is not stopped stops when its owner goes away.
    package consuming func stop() {}
}

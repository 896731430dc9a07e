import Glibc
package import HTTPMessage

/// An HTTP/1.1 server by libmicrohttpd, on a thread of its own for each socket that it listens on: `http` for TCP,
/// `http-unix` for a Unix socket.
///
/// The handler is called on these threads, when a request is complete and has passed the gate. They take no signals,
/// and writing to a connection that is gone raises none.
@safe
package struct HTTPDaemon: ~Copyable {
    /// How long answers may take to leave when the server stops.
    private static let stopMilliseconds = 1000

    /// How late an overdue connection or answer is noticed at most, while there are connections.
    private static let longestSweepMilliseconds = 200

    /// The port in use, in host byte order; 0 when it listens on none.
    package let port: UInt16
    private let listeners: [Listener]
    private let server: ServerContext
    private let sweeper: DeadlineSweeper

    /// Listens and starts serving.
    package init(
        configuration: Configuration, access: AccessPolicy = AccessPolicy(), meter: HTTPMeter = HTTPMeter(),
        handler: @escaping HTTPHandler
    ) throws(StartError) {
        try self.init(
            ListeningSockets(configuration), configuration: configuration, access: access, meter: meter,
            handler: handler)
    }

    /// Starts serving on sockets that listen already; `meter` tells what there is to do for as long as this serves.
    package init(
        _ sockets: ListeningSockets, configuration: Configuration, access: AccessPolicy, meter: HTTPMeter,
        handler: @escaping HTTPHandler
    ) throws(StartError) {
        guard let sweepBell = Bell(), let quietBell = Bell() else {
            throw StartError(step: .startThread, code: errno, place: "HTTP")
        }
        let server = ServerContext(
            configuration: configuration, port: sockets.port, access: access,
            connections: ConnectionTable(
                bell: sweepBell,
                callers: CallerTable(
                    requestsPerSecond: configuration.requestsPerSecond,
                    localRequestsPerSecond: configuration.localRequestsPerSecond)),
            quietBell: quietBell, meter: meter, handler: handler)
        let sweeper: DeadlineSweeper
        do {
            let shortest = min(
                configuration.headDeadlineMilliseconds, configuration.bodyDeadlineMilliseconds,
                configuration.responseDeadlineMilliseconds)
            sweeper = try DeadlineSweeper(
                server: server, bell: sweepBell,
                intervalMilliseconds: max(10, min(Self.longestSweepMilliseconds, shortest / 10)))
        } catch {
            throw StartError(step: .startThread, code: error.value, place: "HTTP")
        }
        var listeners: [Listener] = []
        do throws(StartError) {
            for socket in sockets.all { listeners.append(try Listener(socket, server: server)) }
        } catch {
            Self.stop(listeners, server)
            throw error
        }
        // Strongly, until the end: what was ever referenced weakly is counted by way of a side table, for which every
        // request would pay.
        meter.attach { server.gauges }
        self.listeners = listeners
        port = sockets.port
        self.server = server
        self.sweeper = sweeper
    }

    deinit {
        Self.stop(listeners, server)
        server.meter.detach()
    }

    /// Lets nobody in any more and has everybody go.
    ///
    /// What is left is for whoever lets go of the listeners.
    private static func stop(_ listeners: [Listener], _ server: ServerContext) {
        for listener in listeners { listener.quiesce() }
        server.stop(milliseconds: stopMilliseconds)
        // libmicrohttpd crashes when it must refuse a request by itself after it has been told to stop.
        server.connections.cutOffAll(milliseconds: stopMilliseconds)
    }

    /// Stops serving: requests that wait for an answer get 503, and what is being sent has a second to leave.
    ///
    /// Not to be called by a handler. A server that is not stopped stops when its owner goes away.
    package consuming func stop() {}
}

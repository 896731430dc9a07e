extension HTTPDaemon {
    /// Where a server listens and what it puts up with.
    package struct Configuration: Hashable, Sendable {
        /// The IPv4 address, in host byte order; nothing when TCP is not listened to.
        package var address: UInt32?
        /// The port, in host byte order; for 0 the kernel picks one.
        package var port: UInt16
        /// Has TCP be spoken with TLS.
        package var identity: TLSIdentity?
        /// Where it listens besides, or instead.
        package var unixSocket: UnixSocket?
        /// Names that `Host` may have besides those of this machine's loopback and the address: `name`, with the port
        /// in use or none, or `name:port`.
        package var allowedHosts: [String] = []
        /// The media types that a body may have, in lower case; any when there are none.
        package var bodyTypes: Set<String> = []
        /// The octets a request body may have.
        package var bodyLimit = 1 << 20
        /// The octets a request target may have.
        package var targetLimit = 8 << 10
        /// The octets the header fields may have.
        package var headerLimit = 16 << 10
        package var headerFieldLimit = 100
        /// How many connections are served; on some more, requests are answered with 503.
        package var connectionLimit = 512
        /// How long nothing may happen on a connection, suspended ones aside.
        package var idleTimeoutSeconds = 30
        /// The requests that each client address may make in a second, and at once.
        package var requestsPerSecond = 1000
        /// The same for the addresses of this machine's loopback.
        package var localRequestsPerSecond = 1_000_000
        /// The octets that bodies on their way in and answers on their way out may have together.
        ///
        /// Small ones do not count.
        package var heldOctetsLimit = 32 << 20
        /// How long the head of a request may take, from its connection or, on a used one, from its first line.
        package var headDeadlineMilliseconds = 10_000
        /// How long the body of a request may take, from its head.
        package var bodyDeadlineMilliseconds = 30_000
        /// How long a client may take to read a response.
        package var responseDeadlineMilliseconds = 60_000
        /// How long the client of a stream may take nothing while there is something for it.
        package var stalledStreamMilliseconds = 300_000

        package init(address: UInt32? = 0x7F00_0001, port: UInt16 = 0) {
            self.address = address
            self.port = port
        }
    }
}

import AccessControl
import HTTPDaemon
import Logging
import TCPWire

/// Where the service listens and who may ask, made with the privileges that it was started with.
struct FrontDoor {
    let configuration: HTTPDaemon.Configuration
    let sockets: ListeningSockets
    let tokens: TokenTable?
    /// Counts who was refused.
    let refusals = AccessCounters()

    private let address: IPv4Address?
    /// What is to be said about an address that everybody reaches.
    private let warning: String?

    /// Reads the files that the options name, and listens.
    init(_ options: Options) throws {
        let files = try AccessFiles(options.access)
        configuration = options.daemonConfiguration(files)
        tokens = files.tokens
        sockets = try ListeningSockets(configuration)
        address = options.access.listen.address?.address
        warning =
            address.map(\.isLoopback) == false && options.access.insecureRemoteControl ? options.access.exposure : nil
    }

    /// Whether anybody who can connect may be refused for who they are.
    var isGuarded: Bool { tokens != nil || configuration.unixSocket != nil }

    /// Logs where it is.
    func tell(_ logger: Logger) {
        if let address {
            logger.info("listening on \(configuration.identity == nil ? "http" : "https")://\(address):\(sockets.port)")
        }
        if let unixSocket = configuration.unixSocket { logger.info("listening on unix:\(unixSocket.path)") }
        if let warning { logger.warning("--insecure-remote-control: \(warning)") }
    }
}

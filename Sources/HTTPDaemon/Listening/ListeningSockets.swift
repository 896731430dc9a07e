/// The sockets of a server that is yet to be started: what takes privileges, and mostly what can be wrong.
///
/// Clients that connect meanwhile wait.
package struct ListeningSockets {
    /// The port in use, in host byte order; 0 when there is none.
    package let port: UInt16
    let all: [ListeningSocket]

    /// Listens wherever the configuration says.
    package init(_ configuration: HTTPDaemon.Configuration) throws(HTTPDaemon.StartError) {
        var all: [ListeningSocket] = []
        if let address = configuration.address {
            all.append(
                try ListeningSocket(address: address, port: configuration.port, identity: configuration.identity))
        }
        port = all.first?.port ?? 0
        if let unixSocket = configuration.unixSocket { all.append(try ListeningSocket(unixSocket)) }
        self.all = all
    }
}

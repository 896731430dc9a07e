import Glibc

extension HTTPDaemon {
    /// Why a server did not start.
    package struct StartError: Error, Hashable, Sendable {
        package enum Step: Hashable, Sendable {
            case listen
            case startThread
        }

        package var step: Step
        /// The errno value; 0 when there was none.
        package var code: CInt
        /// The address, in host byte order.
        package var address: UInt32
        package var port: UInt16
    }
}

extension HTTPDaemon.StartError: CustomStringConvertible {
    package var description: String {
        let place = "\(dotted(address)):\(port)"
        let reason = code == 0 ? "the HTTP library refused" : unsafe String(cString: strerror(code))
        return switch step {
        case .listen where code == EADDRINUSE: "cannot listen on \(place): another program uses this port"
        case .listen where code == EADDRNOTAVAIL: "cannot listen on \(place): the address is not on this host"
        case .listen: "cannot listen on \(place): \(reason)"
        case .startThread: "cannot serve \(place): \(reason)"
        }
    }
}

import Glibc

extension HTTPDaemon {
    /// Why a server did not start.
    package struct StartError: Error, Hashable, Sendable {
        package enum Step: Hashable, Sendable {
            case listen
            /// Something is at the path that is no socket.
            case replaceFile
            /// A socket is at the path whose owner does not seem to be gone.
            case takeOver
            case changeGroup
            /// Others may put what they like into the directory of the path.
            case useDirectory(String)
            /// Another program is at work in the directory of the path, and does not come to an end.
            case lockDirectory(String)
            case startThread
        }

        package var step: Step
        /// The errno value; 0 when there was none.
        package var code: CInt
        /// The address and port, or the path.
        package var place: String
    }
}

extension HTTPDaemon.StartError: CustomStringConvertible {
    package var description: String {
        let reason = code == 0 ? "the HTTP library refused" : unsafe String(cString: strerror(code))
        return switch step {
        case .listen where code == EADDRINUSE: "cannot listen on \(place): another program uses this port"
        case .listen where code == EADDRNOTAVAIL: "cannot listen on \(place): the address is not on this host"
        case .listen: "cannot listen on \(place): \(reason)"
        case .replaceFile: "cannot listen on \(place): it is there and is not a socket, so it is left alone"
        case .takeOver where code == 0 || code == EAGAIN: "cannot listen on \(place): another program answers there"
        case .takeOver: "cannot listen on \(place): a socket is there that cannot be taken over: \(reason)"
        case .changeGroup: "cannot let a group use \(place): \(reason)"
        case .useDirectory(let path):
            "cannot listen on \(place): everybody may replace files in \(path); take a directory of your own"
        case .lockDirectory(let path) where code == EAGAIN:
            "cannot listen on \(place): another program holds a lock on \(path)"
        case .lockDirectory(let path): "cannot listen on \(place): there is no lock on \(path): \(reason)"
        case .startThread: "cannot serve \(place): \(reason)"
        }
    }
}

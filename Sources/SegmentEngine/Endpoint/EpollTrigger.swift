/// How the engine is told that an endpoint's socket has something to read (`epoll(7)`).
package enum EpollTrigger: String, CaseIterable, Sendable {
    /// For as long as something waits.
    case level
    /// Once for each change; the engine then reads until nothing is left.
    case edge
}

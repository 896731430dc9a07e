import LinuxSystem

/// Where the engine and its helper leave word for each other.
package final class NamespaceDesk: Sendable {
    let requests: CommandMailbox<NamespaceRequest>
    let reports: CommandMailbox<NamespaceReport>

    init() throws(Errno) {
        // Bounded by the endpoints there may be, since each has one request at a time; so nothing is refused here.
        requests = try CommandMailbox(capacity: 0)
        reports = try CommandMailbox(capacity: 0)
    }

    /// Ends the helper's thread, after all that it was asked before.
    package func shutDown() {
        requests.postAtOnce(.shutDown)
    }
}

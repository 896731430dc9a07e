import CLinuxShims

/// Tells that IPv4 addresses or routes of a network namespace may have changed (`rtnetlink(7)`).
///
/// The kernel tells so before it is done with the change.
package struct AddressWatch: ~Copyable, Sendable {
    /// Readable when something has changed, until ``takeChanges()``.
    package let descriptor: FileDescriptor

    /// Watches the namespace that the calling thread is in.
    package init() throws(Errno) {
        descriptor = FileDescriptor(adopting: try systemCall { clinux_open_address_watch() })
    }

    /// Forgets what has changed so far.
    package func takeChanges() {
        descriptor.clearPendingError()
        descriptor.discardInput()
    }
}

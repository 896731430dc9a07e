import Glibc
import LinuxSystem

/// Ctrl-C and SIGTERM while something is waited for: they end the waiting, and the command in order.
struct Interruption: ~Copyable {
    private let signals: SignalDescriptor

    init() throws(ClientFailure) {
        do throws(Errno) {
            signals = try SignalDescriptor([SIGINT, SIGTERM])
        } catch {
            throw ClientFailure(.unavailable, "signals cannot be waited for: \(error)")
        }
    }

    /// Becomes readable when one has come.
    var descriptor: CInt { signals.descriptor.rawValue }

    /// Waits so long; returns whether it was interrupted.
    func pause(milliseconds: CInt) -> Bool {
        var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&waited, 1, milliseconds) > 0
    }
}

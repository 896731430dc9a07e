import CMicroHTTPD
import Glibc

/// What one thread waits for and others ring.
final class Bell: Sendable {
    private let descriptor: CInt

    /// Makes a bell; nothing when there is no descriptor left, and then `errno` says why.
    init?() {
        descriptor = cmicrohttpd_bell_open()
        guard descriptor >= 0 else { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Wakes the waiting thread or, if none waits, the next one that would.
    func ring() {
        cmicrohttpd_bell_ring(descriptor)
    }

    /// Waits for a ring, for ever or at most so long.
    func wait(milliseconds: Int?) {
        cmicrohttpd_bell_wait(descriptor, milliseconds.map { CInt(clamping: $0) } ?? -1)
    }
}

import CLinuxShims
import Glibc

/// An alarm clock that becomes readable at an absolute time (`timerfd_create(2)`).
package struct Timer: ~Copyable, Sendable {
    /// Readable from the deadline until ``clear()``.
    package let descriptor: FileDescriptor

    package init() throws(Errno) {
        descriptor = FileDescriptor(
            adopting: try systemCall { timerfd_create(CLOCK_MONOTONIC, CInt(TFD_CLOEXEC) | CInt(TFD_NONBLOCK)) })
    }

    /// Sets the alarm to a time of ``Clock/monotonicNanoseconds``; `nil` turns it off.
    package func arm(at deadline: UInt64?) throws(Errno) {
        let fd = descriptor.rawValue
        // 0 would disarm, so a deadline at the very start of time is one nanosecond late.
        let value = deadline.map { max($0, 1) } ?? 0
        _ = try systemCall { clinux_arm_timer(fd, value) }
    }

    /// Forgets that the alarm went off.
    package func clear() {
        var expirations: UInt64 = 0
        _ = unsafe read(descriptor.rawValue, &expirations, MemoryLayout<UInt64>.size)
    }
}

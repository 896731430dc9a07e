import Glibc

/// Time that only goes on, in milliseconds since the machine started, as of the kernel's latest tick: deadlines of
/// seconds are set several times in a request.
enum MonotonicClock {
    static var milliseconds: Int {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC_COARSE, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// The same time exactly, for what takes less than a tick.
    static var nanoseconds: UInt64 {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }
}

import CLinuxShims
import Glibc

/// The two clocks we tell time by, in nanoseconds.
package enum Clock {
    /// Time since the host started, for deadlines and differences; never jumps.
    package static var monotonicNanoseconds: UInt64 {
        UInt64(max(0, clinux_clock_ns(CInt(CLOCK_MONOTONIC))))
    }

    /// Wall-clock time since 1970, as the kernel stamps datagrams; may jump.
    package static var realtimeNanoseconds: Int64 {
        clinux_clock_ns(CInt(CLOCK_REALTIME))
    }
}

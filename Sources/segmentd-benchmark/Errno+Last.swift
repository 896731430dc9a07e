import Glibc
import LinuxSystem

extension Errno {
    /// What the latest C call of this thread left.
    static var last: Errno { Errno(rawValue: errno) }
}

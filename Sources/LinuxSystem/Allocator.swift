import CLinuxShims

/// The memory allocator of the process.
package enum Allocator {
    /// Gives the system back what has been freed.
    ///
    /// By itself the allocator keeps what the busiest moment took, in pieces between what is still in use. Takes
    /// milliseconds, in which other threads that allocate may have to wait.
    package static func giveBack() {
        clinux_trim_heap()
    }
}

import Glibc

/// The pieces in which the kernel provides memory.
package enum Pages {
    private static let mask = UInt(max(1, sysconf(CInt(_SC_PAGESIZE)))) - 1

    /// Has the kernel provide all pages of a piece of memory now, as it does else with each when it is first written to.
    ///
    /// What is in them stays as it is. Where the kernel cannot (`MADV_POPULATE_WRITE` came with Linux 5.14), nothing
    /// happens, and pages are provided when they are used.
    @unsafe
    package static func provide(_ memory: UnsafeMutableRawPointer, octets: Int) {
        guard octets > 0 else { return }
        let address = UInt(bitPattern: memory)
        let start = address & ~mask
        let length = Int((address &+ UInt(octets) &+ mask) & ~mask &- start)
        _ = unsafe madvise(UnsafeMutableRawPointer(bitPattern: start), length, MADV_POPULATE_WRITE)
    }
}

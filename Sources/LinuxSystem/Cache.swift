import CLinuxShims

/// The processor's cache of memory.
package enum Cache {
    /// Asks for the cache line at an address, without waiting for it.
    ///
    /// Nothing is read or written, so any address will do.
    @inline(__always)
    package static func prefetch(_ address: UnsafeRawPointer?) {
        unsafe clinux_prefetch(address)
    }
}

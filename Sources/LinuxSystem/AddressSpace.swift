import Glibc

/// The memory that this process may ask for.
package enum AddressSpace {
    /// Whether so many octets more can be had, as far as the kernel says it before they are used.
    package static func hasRoom(forOctets count: Int) -> Bool {
        let protection = PROT_READ | PROT_WRITE
        let start = unsafe mmap(nil, max(count, 1), protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let start = unsafe start, unsafe start != MAP_FAILED else { return false }
        return unsafe munmap(start, max(count, 1)) == 0
    }
}

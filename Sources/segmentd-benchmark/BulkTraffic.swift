import CFloor

/// Two threads in C that keep a TCP connection of the kernel's on loopback as busy as it gets.
@safe
struct BulkTraffic: ~Copyable {
    private let threads: OpaquePointer

    init() throws(BenchmarkError) {
        guard let threads = unsafe cfloor_bulk_start() else { throw .system("a connection on loopback", .last) }
        unsafe self.threads = threads
    }

    /// Ends it, and answers how many bits arrived in a second.
    consuming func finish() -> Double {
        var octets: UInt64 = 0
        let taken = unsafe cfloor_bulk_finish(threads, &octets)
        return Double(octets) * 8e9 / Double(max(1, taken))
    }
}

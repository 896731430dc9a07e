import CLinuxShims
import Glibc

/// What this process takes of the host, as of one look; what the kernel does not tell is `nil`.
package struct ProcessUsage: Hashable, Sendable {
    /// Time on processors since it began, of all threads.
    package var processorNanoseconds: UInt64
    /// When it began, in nanoseconds since 1970.
    package var startedAt: UInt64?
    package var residentOctets: UInt64?
    package var virtualOctets: UInt64?
    package var threads: Int?
    package var openFiles: Int?

    private static let status = "/proc/self/stat"
    private static let files = "/proc/self/fd"

    package static var current: ProcessUsage {
        let fields = statusFields()
        return ProcessUsage(
            processorNanoseconds: UInt64(max(0, clinux_clock_ns(CInt(CLOCK_PROCESS_CPUTIME_ID)))),
            startedAt: start,
            residentOctets: fields[field: 24].map { $0 &* UInt64(max(0, sysconf(CInt(_SC_PAGESIZE)))) },
            virtualOctets: fields[field: 23], threads: fields[field: 20].map { Int(clamping: $0) },
            openFiles: openFileCount)
    }

    /// Looked up once, since the wall clock may be set later.
    private static let start: UInt64? = {
        guard let ticks = statusFields()[field: 22] else { return nil }
        let perSecond = UInt64(max(1, sysconf(CInt(_SC_CLK_TCK))))
        let sinceBoot = ticks / perSecond &* 1_000_000_000 &+ ticks % perSecond &* 1_000_000_000 / perSecond
        let boot = Clock.realtimeNanoseconds &- clinux_clock_ns(CInt(CLOCK_BOOTTIME))
        return UInt64(max(0, boot)) &+ sinceBoot
    }()

    /// What follows the name in `/proc/self/stat` (proc(5)); the name may hold anything.
    private static func statusFields() -> [Substring] {
        guard let text = TextFile.read(status), let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }

    /// Since Linux 6.2 the directory's size says it; before that its entries are counted.
    private static var openFileCount: Int? {
        var status = stat()
        if unsafe stat(files, &status) == 0, status.st_size > 0 { return status.st_size }
        guard let directory = unsafe opendir(files) else { return nil }
        defer { unsafe closedir(directory) }
        var count = 0
        while unsafe readdir(directory) != nil { count += 1 }
        // Not itself, its parent, and what was opened to look.
        return max(0, count - 3)
    }
}

extension [Substring] {
    /// A field of `/proc/self/stat` by its number in proc(5), the first two of which are cut off.
    fileprivate subscript(field number: Int) -> UInt64? {
        let index = number - 3
        return indices.contains(index) ? UInt64(self[index]) : nil
    }
}

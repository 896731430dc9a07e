import Glibc
import LinuxSystem

/// Files that are asked for on the command line.
enum OutputFile {
    /// Writes a whole file.
    static func write(_ text: String, to path: String) throws(BenchmarkError) {
        let octets = [UInt8](text.utf8)
        let fd = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard fd >= 0 else { throw .system(path, .last) }
        let file = FileDescriptor(adopting: fd)
        guard unsafe Glibc.write(file.rawValue, octets, octets.count) == octets.count else {
            throw .system(path, .last)
        }
    }
}

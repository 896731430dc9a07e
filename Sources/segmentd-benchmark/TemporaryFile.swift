import Glibc
import LinuxSystem

/// A file that is there for as long as somebody needs it.
final class TemporaryFile {
    let path: String

    convenience init(_ text: String) throws(BenchmarkError) {
        try self.init(octets: [UInt8](text.utf8))
    }

    init(octets: [UInt8]) throws(BenchmarkError) {
        // The folder that the C library takes for temporary files.
        var name = "\(P_tmpdir)/segmentd-benchmark-XXXXXX".utf8.map { CChar(bitPattern: $0) } + [0]
        let fd = unsafe mkstemp(&name)
        guard fd >= 0 else { throw .system("a temporary file", .last) }
        let file = FileDescriptor(adopting: fd)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard unsafe write(file.rawValue, octets, octets.count) == octets.count else { throw .system(path, .last) }
    }

    deinit {
        unsafe unlink(path)
    }
}

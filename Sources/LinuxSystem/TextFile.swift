import Glibc

/// Small text files of the kernel's, such as those under `/proc`.
package enum TextFile {
    /// The file's text up to `limit` octets; `nil` when it cannot be read.
    package static func read(_ path: String, limit: Int = 1 << 20) -> String? {
        guard let fd = try? systemCall({ unsafe open(path, O_RDONLY | O_CLOEXEC) }) else { return nil }
        let file = FileDescriptor(adopting: fd)
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while octets.count < limit {
            let number = file.rawValue
            guard let count = try? systemCall({ unsafe Glibc.read(number, &buffer, buffer.count) }) else { return nil }
            guard count > 0 else { break }
            octets += buffer.prefix(min(count, limit - octets.count))
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

import CLinuxShims
import Glibc

/// Tells that files have come to a directory or left it (`inotify(7)`).
package struct DirectoryWatch: ~Copyable, Sendable {
    /// Readable when something has changed, until ``takeChanges()``.
    package let descriptor: FileDescriptor

    package init() throws(Errno) {
        descriptor = FileDescriptor(adopting: try systemCall { clinux_open_directory_watch() })
    }

    /// Begins to watch a directory; one that is watched already goes on being so.
    package func watch(_ path: String) throws(Errno) {
        let fd = descriptor.rawValue
        _ = try systemCall { unsafe clinux_watch_directory(fd, path) }
    }

    /// Forgets what has changed so far; comes before looking at the directory.
    package func takeChanges() {
        descriptor.discardInput()
    }
}

extension FileDescriptor {
    /// Reads a non-blocking descriptor empty, as far as is reasonable at a time.
    func discardInput() {
        let fd = rawValue
        var octets = [UInt8](repeating: 0, count: 16_384)
        for _ in 0..<64 {
            guard let count = try? nonBlockingSystemCall({ unsafe read(fd, &octets, octets.count) }) else { return }
            guard count > 0 else { return }
        }
    }
}

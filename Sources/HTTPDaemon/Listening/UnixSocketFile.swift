import CMicroHTTPD
import Glibc

/// The file of a Unix socket that listens: made at the start, or taken over from who is gone, and removed at the end.
struct UnixSocketFile: Sendable {
    private static let ownerOnly: mode_t = 0o600
    private static let ownerAndGroup: mode_t = 0o660
    private static let othersMayWrite: mode_t = 0o002
    /// How often a lock that another holds is tried, and how long it rests in between, in microseconds.
    private static let lockAttempts = 50
    private static let lockRest: useconds_t = 20_000

    private let path: String
    /// What was made, so that nothing else is removed.
    private let device: dev_t
    private let inode: ino_t

    /// Makes the file and has the socket listen, whose descriptor it returns.
    ///
    /// Whoever looks at a file that is there holds a lock on its directory, so that of two that start at once only one
    /// takes it over.
    static func listen(
        on path: String, group: UInt32?
    ) throws(HTTPDaemon.StartError) -> (descriptor: CInt, file: UnixSocketFile) {
        func failure(_ step: HTTPDaemon.StartError.Step, _ code: CInt = 0) -> HTTPDaemon.StartError {
            HTTPDaemon.StartError(step: step, code: code, place: path)
        }

        let directory = directory(of: path)
        let lock = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else { throw failure(.listen, errno) }
        defer { close(lock) }
        var status = stat()
        guard unsafe fstat(lock, &status) == 0 else { throw failure(.listen, errno) }
        // Others could put a socket of theirs in its place, unless the directory keeps files to their owners.
        guard status.st_mode & othersMayWrite == 0 || status.st_mode & S_ISVTX != 0 else {
            throw failure(.useDirectory(directory))
        }
        guard takeLock(lock) else { throw failure(.lockDirectory(directory), errno) }

        if unsafe lstat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFSOCK else { throw failure(.replaceFile) }
            let code = knock(at: path)
            guard code == ECONNREFUSED else { throw failure(.takeOver, code) }
            guard unsafe unlink(path) == 0 else { throw failure(.takeOver, errno) }
        }
        let descriptor = cmicrohttpd_unix_socket()
        guard descriptor >= 0 else { throw failure(.listen, errno) }
        // Linux makes the file with the socket's own mode, so that it is closed to others from the first moment.
        guard fchmod(descriptor, ownerOnly) == 0, unsafe cmicrohttpd_bind_path(descriptor, path) == 0 else {
            defer { close(descriptor) }
            throw failure(.listen, errno)
        }
        let isOpened = group.map { openUp(path, to: $0) } ?? true
        guard isOpened, unsafe lstat(path, &status) == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            let code = errno
            close(descriptor)
            unsafe unlink(path)
            throw failure(isOpened ? .listen : .changeGroup, code)
        }
        return (descriptor, UnixSocketFile(path: path, device: status.st_dev, inode: status.st_ino))
    }

    /// Finds out whether anybody listens on a path: 0 if so, else the errno value of connecting.
    private static func knock(at path: String) -> CInt {
        let descriptor = cmicrohttpd_unix_socket()
        guard descriptor >= 0 else { return errno }
        defer { close(descriptor) }
        return unsafe cmicrohttpd_connect_path(descriptor, path)
    }

    private static func openUp(_ path: String, to group: UInt32) -> Bool {
        unsafe lchown(path, .max, group) == 0 && chmod(path, ownerAndGroup) == 0
    }

    /// Removes the file, unless another is in its place by now.
    func remove() {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode else { return }
        unsafe unlink(path)
    }

    /// Others need no longer than an instant, unless they are none of ours.
    private static func takeLock(_ descriptor: CInt) -> Bool {
        for _ in 1..<lockAttempts {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            usleep(lockRest)
        }
        return flock(descriptor, LOCK_EX | LOCK_NB) == 0
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

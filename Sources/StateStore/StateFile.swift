internal import Glibc

/// What the file system says about a state file.
enum StateFile {
    /// Which file a path leads to.
    struct Identity: Hashable, Sendable {
        var device: UInt64
        var number: UInt64
    }

    /// What none but the owner may do: it may hold signature keys.
    private static let othersMay: mode_t = 0o077

    /// Refuses what cannot be, or become, a state file.
    static func check(_ path: String) throws(StateStoreError) {
        let directory = directory(of: path)
        guard let place = try status(of: directory), isOfType(place, S_IFDIR) else { throw .noDirectory(directory) }
        if let file = try status(of: path) {
            guard isOfType(file, S_IFREG) else { throw .notAFile }
            guard file.st_size > 0 else { throw .empty }
            guard file.st_uid == 0 || file.st_uid == geteuid() else { throw .foreign(user: file.st_uid) }
            guard file.st_mode & othersMay == 0 else { throw .exposed(mode: file.st_mode & 0o777) }
            try checkWritable(path)
        } else if isLink(path) {
            // SQLite would make a file wherever it leads.
            throw .leadsNowhere
        }
        try checkWritable(directory)
    }

    /// Which file is there; `nil`: none.
    static func identity(of path: String) throws(StateStoreError) -> Identity? {
        try status(of: path).map { Identity(device: UInt64($0.st_dev), number: UInt64($0.st_ino)) }
    }

    /// Makes a file that is never seen half made: `fill` is given another path, which becomes this one.
    static func make(_ path: String, fill: (String) throws(StateStoreError) -> Void) throws(StateStoreError) {
        // A name that nobody else has; the file is its owner's alone.
        var template = Array((path + ".XXXXXX").utf8CString)
        let descriptor = unsafe mkstemp(&template)
        guard descriptor >= 0 else { throw failure("cannot make a file beside \(path)") }
        close(descriptor)
        let unfinished = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { for name in names(of: unfinished) { unsafe unlink(name) } }
        try fill(unfinished)
        // Unlike a renaming, never in place of a file that somebody else made meanwhile.
        guard unsafe link(unfinished, path) != 0 else { return }
        guard errno == EEXIST else { throw failure("cannot make \(path)") }
        try check(path)
    }

    private static func checkWritable(_ path: String) throws(StateStoreError) {
        guard unsafe faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0 else { return }
        guard errno != EACCES, errno != EPERM else { throw .readOnly }
        throw failure("cannot write to \(path)")
    }

    /// A database and what SQLite may have beside it.
    private static func names(of path: String) -> [String] {
        [path, path + "-wal", path + "-journal", path + "-shm"]
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func status(of path: String) throws(StateStoreError) -> stat? {
        var status = stat()
        guard unsafe stat(path, &status) != 0 else { return status }
        guard errno == ENOENT || errno == ENOTDIR else { throw failure("cannot look at \(path)") }
        return nil
    }

    private static func isLink(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && isOfType(status, S_IFLNK)
    }

    private static func isOfType(_ status: stat, _ type: mode_t) -> Bool {
        status.st_mode & S_IFMT == type
    }

    /// What the latest system call failed with.
    private static func failure(_ what: String) -> StateStoreError {
        switch errno {
        case ENOSPC, EDQUOT: .full
        case EROFS: .readOnly
        case let code: .failed("\(what): \(unsafe String(cString: strerror(code)))")
        }
    }
}

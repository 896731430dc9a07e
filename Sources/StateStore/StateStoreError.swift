internal import GRDB

/// Why the file cannot be used, or not now.
package enum StateStoreError: Error, Hashable, Sendable {
    /// The directory that it should be in is not there.
    case noDirectory(String)
    /// Something is there, but no regular file.
    case notAFile
    /// It is a symbolic link to what is not there.
    case leadsNowhere
    /// Others may read or change it; its permission bits.
    case exposed(mode: UInt32)
    /// It is another user's, who could change it.
    case foreign(user: UInt32)
    /// Not even a header: it was cut off, or made by somebody else.
    case empty
    /// Another program's database.
    case notOurs
    /// Of a later version of this service.
    case newer(schema: Int, known: Int)
    case damaged(String)
    /// Another process has it.
    case inUse
    case readOnly
    case full
    /// It was removed or replaced while it was open.
    case gone
    /// The disk neither writes nor fails.
    case slow
    /// As many changes wait to be written as may.
    case crowded(limit: Int)
    /// Any other failure, in the system's words.
    case failed(String)

    init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .inUse
        case .SQLITE_READONLY: self = .readOnly
        case .SQLITE_FULL: self = .full
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT,
            // What we ask is right, so the tables are not what they should be.
            .SQLITE_ERROR, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH:
            self = .damaged(error.message ?? "\(error.resultCode)")
        default: self = .failed(error.message ?? "\(error.resultCode)")
        }
    }

    /// Whether the content is at fault, and not the place.
    package var isAboutContent: Bool {
        switch self {
        case .empty, .notOurs, .newer, .damaged: true
        case .noDirectory, .notAFile, .leadsNowhere, .exposed, .foreign: false
        case .inUse, .readOnly, .full, .gone, .slow, .crowded, .failed: false
        }
    }

    /// What to do about it.
    package var remedy: String {
        switch self {
        case .noDirectory: "make the directory"
        case .notAFile: "name a regular file"
        case .leadsNowhere: "remove the link, or name the file itself"
        case .exposed: "chmod 600 is right"
        case .foreign: "chown it to segmentd's user if you trust what is in it, or name another file"
        case .empty, .notOurs, .damaged:
            "it is left as it is; name another file, or move this one away to start with nothing"
        case .newer: "it is left as it is; start the later version, or name another file"
        case .inUse: "stop the other one, or name another file"
        case .readOnly: "make the file and its directory writable for segmentd's user"
        case .full: "make room on the disk"
        case .gone: "restart segmentd, or put the file back"
        case .slow, .crowded: "look at the disk"
        case .failed: "look at the file, its directory and the disk"
        }
    }
}

extension StateStoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noDirectory(let directory): "the directory \(directory) does not exist"
        case .notAFile: "it is not a regular file"
        case .leadsNowhere: "it is a symbolic link to a file that does not exist"
        case .exposed(let mode):
            "it holds secrets, and its mode 0\(String(mode, radix: 8)) lets others at it"
        case .foreign(let user): "it belongs to user \(user), neither to root nor to whom this runs as"
        case .empty: "it is empty, which no state file is"
        case .notOurs: "it is a database, but not one of segmentd's"
        case .newer(let schema, let known):
            "it was written by a later segmentd: its schema is \(schema), and this one knows \(known)"
        case .damaged(let detail): "it is damaged, or no state file: \(detail)"
        case .inUse: "another process uses it"
        case .readOnly: "it cannot be written"
        case .full: "the disk is full"
        case .gone: "it was removed or replaced while segmentd used it"
        case .slow: "the disk does not answer"
        case .crowded(let limit): "\(limit) changes wait for the disk"
        case .failed(let detail): detail
        }
    }
}

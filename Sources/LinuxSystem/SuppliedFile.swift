import Glibc

/// A file that whoever starts the program names in an option: its content, or why it is not taken.
package enum SuppliedFile {
    /// Why a file is not taken.
    package enum Refusal: Error, Hashable, Sendable {
        case unreadable(Errno)
        /// It is a directory, a pipe or the like.
        case notAFile
        case tooLarge(limit: Int)
        /// Others may read or change what should be a secret; its permission bits.
        case exposed(mode: UInt32)
        /// It is another user's, who could change it.
        case foreign(user: UInt32)
    }

    private static let groupMayWrite: UInt32 = 0o020
    private static let othersMay: UInt32 = 0o007

    /// Reads a whole file.
    ///
    /// A secret must belong to root or the program's own user, others may have no access to it, and its group may not
    /// change it.
    package static func read(_ path: String, limit: Int, isSecret: Bool) throws(Refusal) -> [UInt8] {
        // A pipe that nobody writes to would keep us for ever.
        let number = try orRefusal { () throws(Errno) in
            try systemCall { unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
        }
        let file = FileDescriptor(adopting: number)
        var status = stat()
        _ = try orRefusal { () throws(Errno) in try systemCall { unsafe fstat(number, &status) } }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile }
        if isSecret {
            guard status.st_uid == 0 || status.st_uid == geteuid() else { throw .foreign(user: status.st_uid) }
            guard status.st_mode & (groupMayWrite | othersMay) == 0 else {
                throw .exposed(mode: status.st_mode & 0o777)
            }
        }
        return try content(of: file, limit: limit)
    }

    private static func content(of file: borrowing FileDescriptor, limit: Int) throws(Refusal) -> [UInt8] {
        let number = file.rawValue
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let count = try orRefusal { () throws(Errno) in
                try systemCall { unsafe Glibc.read(number, &buffer, buffer.count) }
            }
            guard count > 0 else { return octets }
            guard octets.count + count <= limit else { throw .tooLarge(limit: limit) }
            octets += buffer.prefix(count)
        }
    }

    private static func orRefusal<Value>(_ body: () throws(Errno) -> Value) throws(Refusal) -> Value {
        do {
            return try body()
        } catch {
            throw .unreadable(error)
        }
    }
}

extension SuppliedFile.Refusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let error): "it cannot be read: \(error)"
        case .notAFile: "it is not a file"
        case .tooLarge(let limit): "it has more than \(limit) octets"
        case .exposed(let mode):
            "it holds a secret, and its mode 0\(String(mode, radix: 8)) lets others at it; chmod 600 is right"
        case .foreign(let user):
            "it holds a secret, and belongs to user \(user), neither to root nor to whom this runs as"
        }
    }
}

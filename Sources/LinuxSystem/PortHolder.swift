import Glibc

/// Who holds a TCP port on this host, as `/proc` tells.
package enum PortHolder {
    /// The program that holds a port of a local address, such as `sshd (pid 812)`; both in host byte order.
    ///
    /// `nil` when nobody does, or when we may not see who. Takes milliseconds: it
    /// looks through the descriptors of every process.
    package static func program(at address: UInt32, port: UInt16) -> String? {
        guard let inode = inode(at: address, port: port) else { return nil }
        let wanted = "socket:[\(inode)]"
        for pid in names(in: "/proc") where pid.allSatisfy(\.isNumber) {
            for descriptor in names(in: "/proc/\(pid)/fd")
            where target(of: "/proc/\(pid)/fd/\(descriptor)") == wanted {
                let name = TextFile.read("/proc/\(pid)/comm", limit: 64)?.filter { $0 != "\n" }
                return "\(name ?? "a program") (pid \(pid))"
            }
        }
        return nil
    }

    /// The socket that holds the port, on this address or on all of them.
    private static func inode(at address: UInt32, port: UInt16) -> String? {
        // Addresses stand there in network byte order as this machine would read them.
        let suffix = ":\(hexadecimal(UInt32(port), 4))"
        let ours = [hexadecimal(address.bigEndian, 8) + suffix, hexadecimal(0, 8) + suffix]
        // A dual-stack listener holds the IPv4 port too, and stands in the other table.
        return inode(in: "/proc/thread-self/net/tcp") { ours.contains($0) }
            ?? inode(in: "/proc/thread-self/net/tcp6") { $0.hasSuffix(suffix) }
    }

    /// The inode of the first socket in a table whose local address and port are wanted.
    private static func inode(in table: String, where isWanted: (String) -> Bool) -> String? {
        for line in (TextFile.read(table, limit: 16 << 20) ?? "").split(separator: "\n").dropFirst() {
            let columns = line.split(separator: " ")
            if columns.count > 9, isWanted(String(columns[1])) { return String(columns[9]) }
        }
        return nil
    }

    private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func names(in directory: String) -> [String] {
        guard let stream = unsafe opendir(directory) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 128)
        let count = unsafe readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

import CMicroHTTPD
import Glibc

/// A directory of a test's own, gone with everything in it when the test is over.
final class Directory {
    let path: String

    init() {
        var template = [UInt8]("\(P_tmpdir)/segmentd-test-XXXXXX".utf8CString.map(UInt8.init))
        path = unsafe template.withUnsafeMutableBytes { octets in
            guard let name = unsafe octets.assumingMemoryBound(to: CChar.self).baseAddress,
                unsafe mkdtemp(name) != nil
            else { return "" }
            return unsafe String(cString: name)
        }
    }

    deinit {
        for name in ["socket", "file", "other"] { unsafe unlink("\(path)/\(name)") }
        unsafe rmdir(path)
    }

    var socket: String { path + "/socket" }

    /// What lies at a path, as `stat` says; nothing when nothing does.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? status : nil
    }
}

extension Client {
    /// A connection to a Unix socket.
    static func unix(_ path: String) throws -> Client {
        let descriptor = cmicrohttpd_unix_socket()
        let code = unsafe cmicrohttpd_connect_path(descriptor, path)
        guard code == 0 else {
            close(descriptor)
            throw Refused(code: code)
        }
        // Ours blocks, and gives up in time.
        _ = fcntl(descriptor, F_SETFL, 0)
        return Client(connected: descriptor)
    }
}

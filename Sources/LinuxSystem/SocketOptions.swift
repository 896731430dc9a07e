import CLinuxShims

extension FileDescriptor {
    /// Sets a socket option whose value is an `int` (`setsockopt(2)`).
    func setOption(_ level: CInt, _ name: CInt, _ value: CInt) throws(Errno) {
        let fd = rawValue
        _ = try systemCall { clinux_set_option(fd, level, name, value) }
    }

    /// Reads a socket option whose value is an `int` (`getsockopt(2)`).
    func option(_ level: CInt, _ name: CInt) throws(Errno) -> CInt {
        let fd = rawValue
        var value: CInt = 0
        _ = try systemCall { unsafe clinux_get_option(fd, level, name, &value) }
        return value
    }
}

import CLinuxShims
import Glibc

/// Why a system call failed: the value the kernel left in `errno`.
package struct Errno: RawRepresentable, Error, Hashable, Sendable {
    package let rawValue: CInt

    package init(rawValue: CInt) {
        self.rawValue = rawValue
    }

    /// The caller lacks a privilege, such as `CAP_NET_RAW`, or a firewall forbids it (`EPERM`).
    package static var notPermitted: Errno { Errno(rawValue: EPERM) }
    /// There is no file of that name (`ENOENT`).
    package static var noSuchFile: Errno { Errno(rawValue: ENOENT) }
    /// The descriptor is not open (`EBADF`).
    package static var badFileDescriptor: Errno { Errno(rawValue: EBADF) }
    /// A non-blocking call would have had to wait (`EAGAIN`).
    package static var wouldBlock: Errno { Errno(rawValue: EAGAIN) }
    /// This process has as many descriptors as it may (`EMFILE`).
    package static var tooManyOpenFiles: Errno { Errno(rawValue: EMFILE) }
    /// The host has as many descriptors as it may (`ENFILE`).
    package static var tooManyOpenFilesInSystem: Errno { Errno(rawValue: ENFILE) }
    /// Memory is short (`ENOMEM`).
    package static var noMemory: Errno { Errno(rawValue: ENOMEM) }
    /// An argument has a value the call does not take (`EINVAL`).
    package static var invalidArgument: Errno { Errno(rawValue: EINVAL) }
    /// Another socket holds the port (`EADDRINUSE`).
    package static var addressInUse: Errno { Errno(rawValue: EADDRINUSE) }
    /// The address is none of this host's (`EADDRNOTAVAIL`).
    package static var addressNotAvailable: Errno { Errno(rawValue: EADDRNOTAVAIL) }
    /// A broadcast address, without leave to broadcast (`EACCES`).
    package static var accessDenied: Errno { Errno(rawValue: EACCES) }
    /// The datagram is larger than the path takes (`EMSGSIZE`).
    package static var messageTooLong: Errno { Errno(rawValue: EMSGSIZE) }
    /// No route leads there (`ENETUNREACH`).
    package static var networkUnreachable: Errno { Errno(rawValue: ENETUNREACH) }
    /// The host there cannot be reached (`EHOSTUNREACH`).
    package static var hostUnreachable: Errno { Errno(rawValue: EHOSTUNREACH) }
    /// The peer refused (`ECONNREFUSED`).
    package static var connectionRefused: Errno { Errno(rawValue: ECONNREFUSED) }
    /// The protocol is not spoken there (`ENOPROTOOPT`).
    package static var protocolNotAvailable: Errno { Errno(rawValue: ENOPROTOOPT) }
    /// A transmit queue dropped it for want of room (`ENOBUFS`).
    package static var noBufferSpace: Errno { Errno(rawValue: ENOBUFS) }
    /// The network interface does not exist (`ENODEV`).
    package static var noSuchDevice: Errno { Errno(rawValue: ENODEV) }

    /// The other side does not keep to the protocol (`EPROTO`).
    package static var protocolError: Errno { Errno(rawValue: EPROTO) }

    /// The symbol of the C library, as in `EPERM`.
    package var name: String {
        guard let name = unsafe clinux_errno_name(rawValue) else { return "errno \(rawValue)" }
        return unsafe String(cString: name)
    }
}

extension Errno: CustomStringConvertible {
    /// The C library's words for it, as in `Operation not permitted (EPERM)`.
    package var description: String {
        var message = [CChar](repeating: 0, count: 128)
        // Swift sees the XSI `strerror_r`, which fills the buffer and returns a status.
        _ = unsafe strerror_r(rawValue, &message, message.count)
        let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: text, as: UTF8.self)) (\(name))"
    }
}

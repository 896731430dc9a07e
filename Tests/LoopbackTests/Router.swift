import Glibc
import LinuxSystem
import TCPWire

/// A router on the way, which reports by ICMP what it could not deliver (RFC 792).
final class Router {
    private let descriptor: FileDescriptor

    init() throws(Errno) {
        let number = socket(AF_INET, CInt(SOCK_RAW.rawValue), CInt(IPPROTO_ICMP))
        guard number >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(adopting: number)
    }

    /// Reports about a datagram to its sender, and answers whether the report left.
    func report(type: UInt8, code: UInt8, about datagram: [UInt8], to sender: IPv4Address) -> Bool {
        var message = [type, code, 0, 0, 0, 0, 0, 0] + datagram
        var sum = InternetChecksum()
        sum.add(message.span)
        (message[2], message[3]) = (UInt8(sum.value >> 8), UInt8(truncatingIfNeeded: sum.value))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = sender.rawValue.bigEndian
        let count = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe sendto(
                    descriptor.rawValue, message, message.count, 0, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return count == message.count
    }
}

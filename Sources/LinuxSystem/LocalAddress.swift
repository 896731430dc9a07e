import CLinuxShims
import Glibc

/// What this host says of an IPv4 address.
package enum LocalAddress {
    /// The first four bits of multicast addresses (RFC 5771).
    private static let multicast: UInt32 = 0xe

    /// Whether the address is one that this host sends and receives as; in host byte order.
    ///
    /// - Throws: what the kernel says when it cannot tell.
    package static func isOurs(_ address: UInt32) throws(Errno) -> Bool {
        // The kernel lets a socket bind to multicast addresses, and to 0.0.0.0 for all of its own.
        guard address != 0, address >> 28 != multicast, address != .max else { return false }
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let socket = FileDescriptor(adopting: try systemCall { Glibc.socket(AF_INET, type, 0) })
        let fd = socket.rawValue
        do throws(Errno) {
            _ = try systemCall { clinux_bind_ipv4(fd, address.bigEndian, 0) }
            // A socket may bind to a broadcast address of ours, but not speak to it without leave.
            _ = try systemCall { clinux_connect_ipv4(fd, address.bigEndian, UInt16(9).bigEndian) }
        } catch .addressNotAvailable {
            return false
        } catch .accessDenied {
            return false
        } catch .networkUnreachable {
            // Its interface went down between the two.
            return false
        }
        return true
    }

    /// Whether the address, in host byte order, is every host's of a link of this host.
    ///
    /// `false` when the kernel cannot tell.
    package static func isBroadcast(_ address: UInt32) -> Bool {
        let type = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        guard let opened = try? systemCall({ Glibc.socket(AF_INET, type, 0) }) else { return false }
        let socket = FileDescriptor(adopting: opened)
        let fd = socket.rawValue
        do throws(Errno) {
            _ = try systemCall { clinux_connect_ipv4(fd, address.bigEndian, UInt16(9).bigEndian) }
            return false
        } catch .accessDenied {
            // So says a route that prohibits, too; but only to broadcast may be allowed.
            guard (try? socket.setOption(SOL_SOCKET, SO_BROADCAST, 1)) != nil else { return false }
            return (try? systemCall { clinux_connect_ipv4(fd, address.bigEndian, UInt16(9).bigEndian) }) != nil
        } catch {
            return false
        }
    }

    /// The path MTU towards a destination in host byte order, in octets; `nil` when there is no route.
    package static func pathMTU(to destination: UInt32) -> Int? {
        guard let mtu = try? systemCall({ clinux_path_mtu(destination.bigEndian) }) else { return nil }
        return Int(mtu)
    }
}

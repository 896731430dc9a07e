import CLinuxShims
import Glibc

/// An error about a datagram we sent, as the network or this host reported it (`IP_RECVERR`).
package struct NetworkError: Hashable, Sendable {
    /// Who noticed.
    package enum Origin: UInt8, Sendable {
        case other = 0
        case local = 1
        case icmp = 2
    }

    package var code: Errno
    package var origin: Origin
    package var icmpType: UInt8
    package var icmpCode: UInt8
    /// The MTU of the next hop where fragmentation was needed, in octets; else 0.
    package var mtu: UInt32
    /// Who sent the ICMP message, in host byte order; 0 when nobody did.
    package var offender: UInt32
    /// The kernel's wall-clock time in nanoseconds since 1970; 0 when it gave none.
    package var timestampNanoseconds: Int64
    /// The beginning of the datagram that caused it, the IPv4 header first, as far as it is quoted.
    package var octets: [UInt8]
    /// Where that datagram was from and to; `nil` when too little is quoted.
    package var quoted: Quoted? { Quoted(octets.span) }

    /// The addresses and ports of a datagram we sent, in host byte order.
    package struct Quoted: Hashable, Sendable {
        package var source: UInt32
        package var destination: UInt32
        package var sourcePort: UInt16
        package var destinationPort: UInt16

        /// Reads a datagram's beginning, the IPv4 header first, which is what a socket that
        /// writes its own headers is quoted.
        init?(_ octets: Span<UInt8>) {
            guard octets.count >= 24, octets[0] >> 4 == 4 else { return nil }
            let headerLength = Int(octets[0] & 0x0f) * 4
            guard headerLength >= 20, octets.count >= headerLength + 4 else { return nil }
            source = octets.bigEndianWord(at: 12)
            destination = octets.bigEndianWord(at: 16)
            let ports = octets.bigEndianWord(at: headerLength)
            sourcePort = UInt16(truncatingIfNeeded: ports >> 16)
            destinationPort = UInt16(truncatingIfNeeded: ports)
        }
    }

    init(_ reported: clinux_network_error) {
        code = Errno(rawValue: reported.code)
        origin = Origin(rawValue: reported.origin) ?? .other
        icmpType = reported.icmp_type
        icmpCode = reported.icmp_code
        mtu = reported.information
        offender = UInt32(bigEndian: reported.offender_be)
        timestampNanoseconds = reported.timestamp_ns
        octets = unsafe withUnsafeBytes(of: reported.quoted) { octets in
            unsafe [UInt8](octets.prefix(Int(reported.quoted_length)))
        }
    }
}

extension FileDescriptor {
    /// Takes the oldest error the network reported about something sent; `nil` when there is none.
    package func takeNetworkError() throws(Errno) -> NetworkError? {
        let fd = rawValue
        var reported = clinux_network_error()
        guard try systemCall({ unsafe clinux_take_network_error(fd, &reported) }) == 1 else { return nil }
        return NetworkError(reported)
    }

    /// Clears the error the socket would give the next caller (`SO_ERROR`).
    package func clearPendingError() {
        var code: CInt = 0
        _ = unsafe clinux_get_option(rawValue, SOL_SOCKET, SO_ERROR, &code)
    }
}

extension Span<UInt8> {
    /// Four octets as a number, the first one highest.
    func bigEndianWord(at offset: Int) -> UInt32 {
        (0..<4).reduce(0) { word, index in word << 8 | UInt32(self[offset + index]) }
    }
}

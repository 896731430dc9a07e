import Glibc
import LinuxSystem
import TCPWire

/// A raw socket of somebody else's, who sends whatever it likes.
struct Intruder: ~Copyable {
    private let guarded: PortReservation
    private let socket: RawTCPSocket
    private var batch: SendBatch

    /// Plays a port, which the kernel does not answer for, so that nothing comes back that was not sent.
    init(playing port: UInt16) throws(Errno) {
        let guarded = try PortReservation(address: IPv4Address.loopback.rawValue, port: port, silence: .md5)
        let socket = try RawTCPSocket(domain: .addressFamily, receiveBufferOctets: 4096)
        let batch = try SendBatch(capacity: 64)
        self.guarded = guarded
        self.socket = socket
        self.batch = batch
    }

    /// Sends datagrams to an address, and answers how many left.
    mutating func send(_ datagrams: [[UInt8]], to destination: IPv4Address = .loopback) -> Int {
        var sent = 0
        for octets in datagrams {
            if !batch.hasRoom { sent += flush() }
            _ = batch.append(length: octets.count) { output in
                output.copy(octets.span)
                return destination.rawValue
            }
        }
        return sent + flush()
    }

    /// Hands everything to the kernel; what it refuses is given up.
    private mutating func flush() -> Int {
        var sent = 0
        while !batch.isEmpty {
            switch batch.send(through: socket.descriptor) {
            case .sent(let count):
                sent += count
                batch.removeFirst(count)
            case .failed(.wouldBlock):
                usleep(100)
            case .failed:
                batch.removeFirst(1)
            }
        }
        return sent
    }
}

/// A connection that this host's own TCP begins, without waiting for it.
final class KernelClient {
    private let descriptor: FileDescriptor

    init(to port: UInt16) throws(Errno) {
        let number = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard number >= 0 else { throw Errno(rawValue: errno) }
        descriptor = FileDescriptor(adopting: number)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = IPv4Address.loopback.rawValue.bigEndian
        address.sin_port = port.bigEndian
        let status = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(number, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 || errno == EINPROGRESS else { throw Errno(rawValue: errno) }
    }

    /// What became of the connection within so many milliseconds; `nil`: nothing yet.
    func outcome(within milliseconds: CInt) -> Errno? {
        var watched = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
        guard unsafe poll(&watched, 1, milliseconds) == 1 else { return nil }
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        unsafe getsockopt(descriptor.rawValue, SOL_SOCKET, SO_ERROR, &code, &length)
        return Errno(rawValue: code)
    }

    /// The port it connects from.
    var port: UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe getsockname(descriptor.rawValue, pointer, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}

extension TCPDatagram {
    /// A datagram from one loopback port to another.
    static func loopback(
        from source: UInt16, to destination: UInt16, flags: TCPFlags = .syn, payload: [UInt8] = []
    ) -> TCPDatagram {
        var segment = TCPSegment(sourcePort: source, destinationPort: destination)
        segment.flags = flags
        segment.payload = payload
        return TCPDatagram(ip: IPv4Header(source: .loopback, destination: .loopback), segment: segment)
    }
}

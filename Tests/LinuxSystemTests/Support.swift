import Glibc
import LinuxSystem

/// A generator that repeats itself from a seed (SplitMix64), so that a failing
/// case can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}

/// Two ends of a channel for datagrams that stays inside this process; needs no privilege.
final class DatagramPair {
    let sender: FileDescriptor
    let receiver: FileDescriptor

    init() throws(Errno) {
        var ends: [CInt] = [-1, -1]
        let kind = CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw Errno(rawValue: errno) }
        sender = FileDescriptor(adopting: ends[0])
        receiver = FileDescriptor(adopting: ends[1])
    }

    /// Sends a datagram; false when there is no room for it.
    @discardableResult
    func send(_ octets: [UInt8]) -> Bool {
        let fd = sender.rawValue
        return unsafe octets.withUnsafeBytes { unsafe Glibc.send(fd, $0.baseAddress, $0.count, 0) } == octets.count
    }

    /// Takes a datagram, and says whether there was one.
    func receives() -> Bool {
        var octet: UInt8 = 0
        return unsafe recv(receiver.rawValue, &octet, 1, 0) >= 0
    }
}

extension EpollInstance {
    /// What is ready within so many milliseconds.
    borrowing func ready(within milliseconds: CInt) throws(Errno) -> [Ready] {
        var ready: [Ready] = []
        try wait(milliseconds: milliseconds, into: &ready)
        return ready
    }
}

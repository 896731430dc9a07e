import Glibc
import LinuxSystem
import Testing

@Suite struct LocalAddressTests {
    @Test(
        arguments: [
            (0x7f00_0001, true), (0x7f09_0909, true), (0x7fff_fffe, true), (0xc000_0201, false), (0xe000_0001, false),
            (0xefff_ffff, false), (0xffff_ffff, false), (0x0000_0000, false), (0x7fff_ffff, false),
        ] as [(UInt32, Bool)])
    func isOursWhenThisHostSendsAndReceivesAsIt(address: UInt32, expected: Bool) throws {
        #expect(try LocalAddress.isOurs(address) == expected)
    }

    @Test func knowsTheMTUOfTheLoopback() {
        #expect(LocalAddress.pathMTU(to: 0x7f00_0001).map { $0 >= 1280 } == true)
    }
}

@Suite struct PortReservationTests {
    private static let loopback: UInt32 = 0x7f00_0001

    @Test(arguments: [PortReservation.Silence.md5, .none])
    func picksAFreePortAndHoldsIt(silence: PortReservation.Silence) throws {
        let first = try PortReservation(address: Self.loopback, port: 0, silence: silence)
        let port = first.port
        #expect(port != 0)
        #expect(throws: Errno.addressInUse) {
            _ = try PortReservation(address: Self.loopback, port: port, silence: .md5)
        }
        // Another address of ours has ports of its own.
        let other = try PortReservation(address: Self.loopback + 1, port: port, silence: silence)
        #expect(other.port == port)
    }

    @Test func letsGoOfThePortWhenItGoesAway() throws {
        let port = try PortReservation(address: Self.loopback, port: 0, silence: .md5).port
        let again = try PortReservation(address: Self.loopback, port: port, silence: .md5)
        #expect(again.port == port)
    }

    @Test func refusesAnAddressOfOthers() {
        #expect(throws: Errno.addressNotAvailable) {
            _ = try PortReservation(address: 0xc000_0201, port: 0, silence: .md5)
        }
    }

    /// A drop-all filter on a TCP socket is for `CAP_NET_ADMIN` only.
    @Test func needsACapabilityForItsFilterAndNoneForItsKey() throws {
        let loopback = Self.loopback
        let open = { (silence: PortReservation.Silence) throws(Errno) in
            _ = try PortReservation(address: loopback, port: 0, silence: silence)
        }
        #expect(throws: Never.self) { try open(.md5) }
        if Capability.netAdmin.isEffective {
            #expect(throws: Never.self) { try open(.filter) }
        } else {
            #expect(throws: Errno.notPermitted) { try open(.filter) }
        }
    }
}

@Suite struct PortHolderTests {
    @Test func namesTheProgramThatListens() throws {
        let held = try PortReservation(address: 0x7f00_0001, port: 0, silence: .md5)
        let name = try #require(TextFile.read("/proc/self/comm")).filter { $0 != "\n" }
        let holder = PortHolder.program(at: 0x7f00_0001, port: held.port)
        #expect(holder == "\(name) (pid \(getpid()))")
        #expect(PortHolder.program(at: 0x7f00_0002, port: held.port) == nil)
    }

    @Test func namesTheProgramThatListensOnEveryAddress() throws {
        let held = try PortReservation(address: 0, port: 0, silence: .md5)
        let holder = PortHolder.program(at: 0x7f00_0001, port: held.port)
        #expect(holder?.hasSuffix("(pid \(getpid()))") == true)
    }

    @Test func namesNobodyForAFreePort() throws {
        let port = try PortReservation(address: 0x7f00_0001, port: 0, silence: .md5).port
        #expect(PortHolder.program(at: 0x7f00_0001, port: port) == nil)
    }
}

@Suite struct ErrnoTests {
    @Test(arguments: [
        (Errno.notPermitted, "EPERM", "Operation not permitted (EPERM)"),
        (.wouldBlock, "EAGAIN", "Resource temporarily unavailable (EAGAIN)"),
        (.addressInUse, "EADDRINUSE", "Address already in use (EADDRINUSE)"),
        (.messageTooLong, "EMSGSIZE", "Message too long (EMSGSIZE)"),
        (.noBufferSpace, "ENOBUFS", "No buffer space available (ENOBUFS)"),
        (.connectionRefused, "ECONNREFUSED", "Connection refused (ECONNREFUSED)"),
        (Errno(rawValue: 9999), "errno 9999", "Unknown error 9999 (errno 9999)"),
    ])
    func hasTheSymbolAndTheWordsOfTheCLibrary(error: Errno, name: String, description: String) {
        #expect(error.name == name)
        #expect(error.description == description)
    }
}

@Suite struct CapabilityTests {
    /// The kernel says it twice: by the call, and in a file.
    @Test(arguments: Capability.allCases)
    func isEffectiveWhenTheKernelSaysSo(capability: Capability) throws {
        let status = try #require(TextFile.read("/proc/thread-self/status"))
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("CapEff:") })
        let mask = try #require(UInt64(line.dropFirst(7).filter { $0.isHexDigit }, radix: 16))
        #expect(capability.isEffective == (mask & (1 << capability.rawValue) != 0))
    }
}

@Suite struct TextFileTests {
    @Test func readsWhatTheKernelShows() {
        #expect(TextFile.read("/proc/self/comm")?.hasSuffix("\n") == true)
        #expect(TextFile.read("/proc/self/status", limit: 5)?.utf8.count == 5)
        #expect(TextFile.read("/proc/no/such/file") == nil)
    }
}

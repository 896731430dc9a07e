import LinuxSystem
import TCPWire
import Testing

@testable import SegmentEngine

/// With the guard that needs no privilege; ports are the kernel's choice.
@Suite struct GuardTableTests {
    private func isFree(_ port: UInt16) -> Bool {
        (try? PortReservation(address: IPv4Address.loopback.rawValue, port: port, silence: .none)) != nil
    }

    @Test func holdsAPortUntilTheLastEndpointLetsGo() throws {
        var table = GuardTable(spareDescriptors: 16)
        let first = try table.acquire(.exactly(.md5), for: .loopback(0))
        #expect(first.active == .md5)
        #expect(first.port != 0)
        #expect(first.warning == nil)
        #expect(!isFree(first.port))

        let local = TransportAddress.loopback(first.port)
        let second = try table.acquire(.automatic, for: local)
        #expect(second.active == .md5, "what is there is the best that can be had")
        #expect(second.port == first.port)
        table.release(first.active, of: local)
        #expect(!isFree(first.port))
        table.release(second.active, of: local)
        #expect(isFree(first.port))
    }

    @Test func refusesASecondKindOfGuardForAPort() throws {
        var table = GuardTable(spareDescriptors: 16)
        let grant = try table.acquire(.exactly(.md5), for: .loopback(0))
        let local = TransportAddress.loopback(grant.port)
        #expect(throws: EngineError.guardedOtherwise(local, .md5)) {
            _ = try table.acquire(.exactly(.listener), for: local)
        }
        table.release(.md5, of: local)
        #expect(isFree(grant.port))
    }

    @Test func playsAPortUnguardedBesideWhoeverHoldsIt() throws {
        let holder = try PortReservation(address: IPv4Address.loopback.rawValue, port: 0, silence: .md5)
        var table = GuardTable(spareDescriptors: 16)
        let local = TransportAddress.loopback(holder.port)
        #expect(throws: EngineError.portHeld(local)) { _ = try table.acquire(.exactly(.md5), for: local) }
        #expect(throws: EngineError.portHeld(local)) { _ = try table.acquire(.automatic, for: local) }
        let grant = try table.acquire(.exactly(.none), for: local)
        #expect(grant.active == .none)
        #expect(grant.port == holder.port)
        table.release(.none, of: local)
    }

    @Test func findsAFreePortForAnUnguardedEndpoint() throws {
        var table = GuardTable(spareDescriptors: 16)
        let grant = try table.acquire(.exactly(.none), for: .loopback(0))
        #expect(grant.port != 0)
        #expect(isFree(grant.port), "it only served to find the port")
    }

    @Test func takesTheBestThatCanBeHad() throws {
        var table = GuardTable(spareDescriptors: 16)
        let grant = try table.acquire(.automatic, for: .loopback(0))
        #expect(grant.active == (Capability.netAdmin.isEffective ? .listener : .md5))
    }

    @Test func leavesDescriptorsToOthers() throws {
        var table = GuardTable(spareDescriptors: .max / 2)
        let grant = try table.acquire(.automatic, for: .loopback(0))
        // The firewall table takes one for all ports together.
        #expect(grant.active == (Capability.netAdmin.isEffective ? .nftables : .none))
        #expect(grant.refusals.prefix(2).map(\.kind) == KernelGuard.byPreference.prefix(2).map(\.self))
        #expect(grant.refusals.contains(GuardRefusal(kind: .md5, error: .tooManyOpenFiles)))
        #expect(throws: EngineError.guardUnavailable(.md5, .tooManyOpenFiles)) {
            _ = try table.acquire(.exactly(.md5), for: .loopback(0))
        }
    }

    @Test func sharesAPortBehindTheFirewall() throws {
        guard Capability.netAdmin.isEffective else { return }
        let holder = try PortReservation(address: IPv4Address.loopback.rawValue, port: 0, silence: .md5)
        var table = GuardTable(spareDescriptors: 16)
        let local = TransportAddress.loopback(holder.port)
        let grant = try table.acquire(.exactly(.nftables), for: local)
        #expect(grant.active == .nftables)
        #expect(grant.warning?.contains("in use") == true)
        try table.commit()
        let other = try table.acquire(.exactly(.nftables), for: local)
        #expect(other.warning == grant.warning)
        #expect(throws: EngineError.guardedOtherwise(local, .nftables)) {
            _ = try table.acquire(.exactly(.md5), for: local)
        }
        table.release(.nftables, of: local)
        table.release(.nftables, of: local)
        try table.commit()
    }

    @Test func refusesAnAddressOfOthers() throws {
        var table = GuardTable(spareDescriptors: 16)
        let foreign = TransportAddress(address: IPv4Address(rawValue: 0xc000_0201), port: 0)
        #expect(throws: EngineError.addressNotLocal(foreign.address)) {
            _ = try table.acquire(.exactly(.md5), for: foreign)
        }
    }
}

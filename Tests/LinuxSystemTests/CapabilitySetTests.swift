import LinuxSystem
import Testing

@Suite struct CapabilitySetTests {
    @Test func hasTheKernelsNumbers() {
        #expect(CapabilitySet(.netRaw).rawValue == 0x2000)
        #expect(CapabilitySet(.netRaw, .sysAdmin).rawValue == 0x20_2000)
        #expect(CapabilitySet().isEmpty)
    }

    /// On a thread of its own, which ends with what it has given up.
    @Test func aThreadKeepsNoMoreThanItIsLeft() throws {
        let before = CapabilitySet.effective
        let thread = try Thread(name: "capabilities", owning: before) { before in
            do throws(Errno) {
                try CapabilitySet(.netRaw).limitThread()
                #expect(CapabilitySet.effective == before.intersection(CapabilitySet(.netRaw)))
                try CapabilitySet(.netRaw, .sysAdmin).limitThread()
                #expect(!Capability.sysAdmin.isEffective, "what is given up does not come back")
                try CapabilitySet().limitThread()
                #expect(CapabilitySet.effective.isEmpty)
            } catch {
                Issue.record(error)
            }
        }
        thread.join()
        #expect(CapabilitySet.effective == before, "other threads keep theirs")
    }
}

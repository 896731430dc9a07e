import Glibc
import LinuxSystem
import Testing

@Suite struct ProcessUsageTests {
    @Test func isWhatTheKernelShows() throws {
        let usage = ProcessUsage.current
        let status = try #require(TextFile.read("/proc/self/status"))
        func shown(_ name: String) throws -> UInt64 {
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):") })
            return try #require(UInt64(line.split(whereSeparator: { !$0.isNumber }).first ?? ""))
        }
        // Other tests run at the same time, and touch memory and start threads.
        let resident = try #require(usage.residentOctets)
        let residentShown = try shown("VmRSS") * 1024
        #expect(resident > residentShown / 2 && resident < residentShown * 2)
        let virtual = try #require(usage.virtualOctets)
        let virtualShown = try shown("VmSize") * 1024
        #expect(virtual > virtualShown / 2 && virtual < virtualShown * 2)
        #expect(try #require(usage.threads) >= 1)
        #expect(usage.processorNanoseconds > 0)
        #expect(ProcessUsage.current.processorNanoseconds >= usage.processorNanoseconds)
    }

    @Test func beganInThePast() throws {
        let started = try #require(ProcessUsage.current.startedAt)
        let now = UInt64(Clock.realtimeNanoseconds)
        #expect(started < now + 20_000_000, "a tick is ten milliseconds")
        #expect(now - min(started, now) < 3_600_000_000_000)
        #expect(ProcessUsage.current.startedAt == started)
    }

    @Test func countsOpenFiles() throws {
        let before = try #require(ProcessUsage.current.openFiles)
        #expect(before >= 3)
        // Many more than other tests open and close meanwhile.
        let opened = (0..<400).map { _ in unsafe open("/dev/null", O_RDONLY | O_CLOEXEC) }
        let during = try #require(ProcessUsage.current.openFiles)
        for descriptor in opened where descriptor >= 0 { close(descriptor) }
        #expect(opened.allSatisfy { $0 >= 0 })
        #expect(during > before + 200 && during < before + 600)
    }
}

import LinuxSystem
import Locking
import Testing

@Suite struct LockedTests {
    private final class Shared: Sendable {
        let count = Locked(0)
    }

    @Test(.timeLimit(.minutes(1))) func letsOneThreadInAtATime() throws {
        let shared = Shared()
        let first = try adder(to: shared)
        let second = try adder(to: shared)
        first.join()
        second.join()
        #expect(shared.count.withLock { $0 } == 200_000)
    }

    @Test func isFreeAgainAfterAnError() {
        let locked = Locked(1)
        #expect(throws: Errno.wouldBlock) {
            try locked.withLock { (_) throws(Errno) in throw .wouldBlock }
        }
        #expect(locked.withLock { $0 } == 1)
    }

    private func adder(to shared: Shared) throws -> Thread {
        try Thread(name: "adder", owning: shared) { shared in
            for _ in 0..<100_000 {
                shared.count.withLock { $0 += 1 }
            }
        }
    }
}

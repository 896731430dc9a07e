package import LinuxSystem

/// The thread's worth of work that answers readers when what they wait for is in the ring.
///
/// It sleeps while nobody waits. Made on any thread, run on one.
package struct CaptureWatcher: ~Copyable {
    private enum Token {
        static let bell: UInt64 = 0
        static let timer: UInt64 = 1
    }

    /// How long it rests after a turn, so that a flood does not have it take the ring's lock all the time.
    private static let restNanoseconds: UInt64 = 200_000

    private let handle: EngineHandle
    private let epoll: EpollInstance
    private let timer: Timer
    private var waiters: [CaptureWatch.Waiter] = []
    /// The endpoints' state of change when the waiters last looked at them.
    private var knownChanges: UInt64 = 0

    package init(handle: EngineHandle) throws(Errno) {
        let epoll = try EpollInstance()
        let timer = try Timer()
        try epoll.add(handle.watch.bell.notifier.descriptor, for: .readable, token: Token.bell)
        try epoll.add(timer.descriptor, for: .readable, token: Token.timer)
        self.handle = handle
        self.epoll = epoll
        self.timer = timer
    }

    /// Works until the watch is shut down, or until a system call fails that never should.
    package mutating func run() throws(Errno) {
        var reports: [EpollInstance.Ready] = []
        while let isBehind = turn() {
            guard !isBehind else { continue }
            if !waiters.isEmpty { Thread.sleep(nanoseconds: Self.restNanoseconds) }
            try timer.arm(at: waiters.map(\.deadline).min())
            try epoll.wait(milliseconds: -1, into: &reports)
        }
    }

    /// Looks once for everybody, at a part of what is new at most, and tells whether there is more to look at.
    ///
    /// - Returns: `nil` when the watch is over.
    package mutating func turn() -> Bool? {
        // Before looking for what they announce.
        handle.watch.bell.notifier.clear()
        timer.clear()
        guard let arrived = handle.watch.takeArrived() else { return nil }
        if !arrived.isEmpty {
            waiters += arrived
            knownChanges = 0
        }
        guard !waiters.isEmpty else {
            handle.watch.bell.disarm()
            return false
        }
        handle.watch.bell.arm()
        let last = handle.captures.latestNumber
        followEndpoints()
        handle.captures.advance(&waiters, \.reading, upTo: last)
        return answer(upTo: last)
    }

    /// Finds out which endpoints are gone and which have other sockets.
    ///
    /// After the latest number was read: whatever was captured up to that belongs to endpoints as they are now.
    private mutating func followEndpoints() {
        let changes = handle.endpoints.changeCount
        guard changes != knownChanges else { return }
        knownChanges = changes
        for position in waiters.indices where !waiters[position].reading.follow(handle.endpoints) {
            waiters[position].isInVain = true
        }
    }

    /// Answers whoever need not wait any longer; tells whether somebody has more to look at.
    private mutating func answer(upTo last: UInt64) -> Bool {
        let now = Clock.monotonicNanoseconds
        var isBehind = false
        waiters.removeAll { waiter in
            let hasSeenAll = waiter.reading.hasReached(last)
            guard waiter.reading.isSatisfied || waiter.deadline <= now || (waiter.isInVain && hasSeenAll) else {
                if !hasSeenAll { isBehind = true }
                return false
            }
            waiter.completion(waiter.reading)
            return true
        }
        return isBehind
    }
}

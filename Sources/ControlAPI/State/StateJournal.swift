package import LinuxSystem
import Locking
package import SegmentEngine
package import StateStore

/// Keeps what the engine changes in a file, by a thread of its own: neither the engine nor HTTP ever waits for the disk.
///
/// All that has changed while the thread wrote is written in one go next, so that many changes cost few commits.
/// What could not be written stays, and is tried again every second. A second thread, ``watch(reporting:)``, looks after
/// those who wait while a disk neither writes nor fails.
package final class StateJournal: EngineJournal {
    /// Called with `nil` when all that changed before is in the file, else with why not.
    package typealias Answer = @Sendable (StateStoreError?) -> Void

    private static let retryMilliseconds: CInt = 1_000
    /// How long a write may take before it counts as failed: at least, and more for each thing that it writes.
    private static let patience: (nanoseconds: UInt64, each: UInt64) = (2_000_000_000, 200_000)
    /// How many may wait for the file at a time.
    private static let maximumWaiters = 65_536

    private struct Contents {
        var batch = StateBatch()
        /// How many changes there were.
        var noted: UInt64 = 0
        /// How many of them are in the file.
        var kept: UInt64 = 0
        /// Who waits, and for how many changes; in order.
        var waiters: [(noted: UInt64, answer: Answer)] = []
        var failure: StateStoreError?
        /// From when on the write under way takes too long, in ``Clock/monotonicNanoseconds``; `nil`: there is none.
        var deadline: UInt64?
        /// The failure that was reported last.
        var reported: StateStoreError?
        var isClosing = false
    }

    package let path: String
    private let store: any StateWriter
    private let patience: (nanoseconds: UInt64, each: UInt64)
    private let maximumWaiters: Int
    private let bell: EventNotifier
    /// Goes off when a write takes too long.
    private let alarm: Timer
    private let contents = Locked(Contents())

    package convenience init(store: StateStore) throws(Errno) {
        try self.init(store: store, patience: Self.patience, maximumWaiters: Self.maximumWaiters)
    }

    init(
        store: any StateWriter, patience: (nanoseconds: UInt64, each: UInt64), maximumWaiters: Int
    ) throws(Errno) {
        path = store.path
        self.store = store
        self.patience = patience
        self.maximumWaiters = maximumWaiters
        bell = try EventNotifier()
        alarm = try Timer()
    }

    /// Why the latest attempt to write failed, or takes too long; `nil`: it does not.
    package var failure: StateStoreError? {
        contents.withLock { contents in slowness(of: contents) ?? contents.failure }
    }

    package func note(_ changes: [EngineChange]) {
        let wasEmpty = contents.withLock { contents in
            let wasEmpty = contents.batch.isEmpty
            for change in changes { contents.batch.add(change) }
            contents.noted += UInt64(changes.count)
            return wasEmpty
        }
        if wasEmpty { bell.ring() }
    }

    /// Removes what there is no room for.
    func forget(transmissions: [UInt64], runs: [UInt64]) {
        contents.withLock { contents in
            for number in transmissions { contents.batch.transmissions[number] = .remove }
            for number in runs { contents.batch.runs[number] = .remove }
            contents.noted += UInt64(transmissions.count + runs.count)
        }
        bell.ring()
    }

    /// Calls `answer` when all that was noted so far is in the file, or could not be written, or not in time: at once,
    /// or on one of the journal's threads.
    package func whenKept(_ answer: @escaping Answer) {
        let (waits, failure): (Bool, StateStoreError?) = contents.withLock { contents in
            guard contents.kept < contents.noted else { return (false, nil) }
            if let slowness = slowness(of: contents) { return (false, slowness) }
            guard contents.waiters.count < maximumWaiters else { return (false, .crowded(limit: maximumWaiters)) }
            contents.waiters.append((noted: contents.noted, answer: answer))
            return (true, nil)
        }
        guard waits else { return answer(failure) }
        bell.ring()
    }

    /// Ends the thread when all is written, or cannot be.
    package func shutDown() {
        contents.withLock { $0.isClosing = true }
        bell.ring()
    }

    /// Writes until ``shutDown()``; tells when writing begins to fail, and when it works again.
    package func run(reporting report: (StateStoreError?) -> Void) throws(Errno) {
        let epoll = try EpollInstance()
        try epoll.add(bell.descriptor, for: .readable, token: 0)
        var ready: [EpollInstance.Ready] = []
        var failure: StateStoreError?
        while true {
            try epoll.wait(milliseconds: failure == nil ? -1 : Self.retryMilliseconds, into: &ready)
            bell.clear()
            let isClosing = contents.withLock { $0.isClosing }
            failure = write()
            tell(report)
            guard !isClosing else { break }
        }
        try? store.close()
    }

    /// Looks after those who wait while a write takes too long, and tells of that; never ends.
    package func watch(reporting report: (StateStoreError?) -> Void) throws(Errno) {
        let epoll = try EpollInstance()
        try epoll.add(alarm.descriptor, for: .readable, token: 0)
        var ready: [EpollInstance.Ready] = []
        while true {
            try epoll.wait(milliseconds: -1, into: &ready)
            alarm.clear()
            giveUpWaiting()
            tell(report)
        }
    }

    /// Answers all who wait, if the write under way takes too long: what they wait for is in force, and not in the file.
    func giveUpWaiting() {
        let (answers, failure): ([Answer], StateStoreError?) = contents.withLock { contents in
            guard let slowness = slowness(of: contents) else { return ([], nil) }
            defer { contents.waiters = [] }
            return (contents.waiters.map(\.answer), slowness)
        }
        for answer in answers { answer(failure) }
    }

    /// Writes what has changed, and answers who waits for it; why that failed, if it did.
    package func write() -> StateStoreError? {
        let (batch, noted, earlier) = contents.withLock { contents in
            let batch = contents.batch
            contents.batch = StateBatch()
            return (batch, contents.noted, contents.failure)
        }
        guard !batch.isEmpty else { return earlier }
        let changes = StateEncoding.changes(batch)
        let deadline = Clock.monotonicNanoseconds + patience.nanoseconds + UInt64(batch.count) * patience.each
        contents.withLock { $0.deadline = deadline }
        // Cannot fail. If it did, those who wait would do so until the write or HTTP's patience ends.
        try? alarm.arm(at: deadline)
        var failure: StateStoreError?
        do throws(StateStoreError) {
            try store.write(changes)
        } catch {
            failure = error
        }
        try? alarm.arm(at: nil)
        let answers = contents.withLock { contents in
            contents.deadline = nil
            contents.failure = failure
            if failure == nil {
                contents.kept = noted
            } else {
                var all = batch
                all.add(contents.batch)
                contents.batch = all
            }
            let answered = contents.waiters.prefix { $0.noted <= noted }
            contents.waiters.removeFirst(answered.count)
            return answered.map(\.answer)
        }
        for answer in answers { answer(failure) }
        return failure
    }

    /// Reports whether writing fails, if that is not what was reported last.
    private func tell(_ report: (StateStoreError?) -> Void) {
        let (failure, isNew) = contents.withLock { contents in
            let failure = slowness(of: contents) ?? contents.failure
            defer { contents.reported = failure }
            return (failure, failure != contents.reported)
        }
        if isNew { report(failure) }
    }

    /// What is the matter when the write under way takes too long.
    private func slowness(of contents: Contents) -> StateStoreError? {
        guard let deadline = contents.deadline, Clock.monotonicNanoseconds >= deadline else { return nil }
        return .slow
    }
}

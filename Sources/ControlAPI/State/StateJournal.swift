package import LinuxSystem
import Locking
package import SegmentEngine
package import StateStore

/// Keeps what the engine changes in a file, by a thread of its own: neither the engine nor HTTP ever waits for the disk.
///
/// All that has changed while the thread wrote is written in one go next, so that many changes cost few commits.
/// What could not be written stays, and is tried again every second.
package final class StateJournal: EngineJournal {
    /// Called with `nil` when all that changed before is in the file, else with why not.
    package typealias Answer = @Sendable (StateStoreError?) -> Void

    private static let retryMilliseconds: CInt = 1_000

    private struct Contents {
        var batch = StateBatch()
        /// How many changes there were.
        var noted: UInt64 = 0
        /// How many of them are in the file.
        var kept: UInt64 = 0
        /// Who waits, and for how many changes; in order.
        var waiters: [(noted: UInt64, answer: Answer)] = []
        var failure: StateStoreError?
        var isClosing = false
    }

    package let path: String
    private let store: StateStore
    private let bell: EventNotifier
    private let contents = Locked(Contents())

    package init(store: StateStore) throws(Errno) {
        path = store.path
        self.store = store
        bell = try EventNotifier()
    }

    /// Why the latest attempt to write failed; `nil`: it did not.
    package var failure: StateStoreError? {
        contents.withLock { $0.failure }
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

    /// Calls `answer` when all that was noted so far is in the file, or could not be written: at once, or on the
    /// journal's thread.
    package func whenKept(_ answer: @escaping Answer) {
        let isKept = contents.withLock { contents in
            guard contents.kept < contents.noted else { return true }
            contents.waiters.append((noted: contents.noted, answer: answer))
            return false
        }
        guard !isKept else { return answer(nil) }
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
            let before = failure
            failure = write()
            if failure != before { report(failure) }
            guard !isClosing else { break }
        }
        try? store.close()
    }

    /// Writes what has changed, and answers who waits for it; why that failed, if it did.
    package func write() -> StateStoreError? {
        let (batch, noted, earlier) = contents.withLock { contents in
            let batch = contents.batch
            contents.batch = StateBatch()
            return (batch, contents.noted, contents.failure)
        }
        guard !batch.isEmpty else { return earlier }
        var failure: StateStoreError?
        do throws(StateStoreError) {
            try store.write(StateEncoding.changes(batch))
        } catch {
            failure = error
        }
        let answers = contents.withLock { contents in
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
}

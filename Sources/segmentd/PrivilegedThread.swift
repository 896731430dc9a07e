import Glibc
import LinuxSystem
import Locking
import Logging

/// A thread that is started while there are privileges, keeps some of them, and is given its work later, when other
/// threads have been started without.
struct PrivilegedThread: ~Copyable {
    /// What the thread waits for.
    private final class Order: Sendable {
        private struct Work {
            let body: @Sendable () -> Void
        }

        private let notifier: EventNotifier
        private let epoll: EpollInstance
        private let work = Locked<Work?>(nil)

        init() throws(Errno) {
            let notifier = try EventNotifier()
            let epoll = try EpollInstance()
            try epoll.add(notifier.descriptor, for: .readable, token: 0)
            self.notifier = notifier
            self.epoll = epoll
        }

        func give(_ body: @escaping @Sendable () -> Void) {
            work.withLock { $0 = Work(body: body) }
            notifier.ring()
        }

        func await() throws(Errno) -> @Sendable () -> Void {
            var ready: [EpollInstance.Ready] = []
            while true {
                try epoll.wait(milliseconds: -1, into: &ready)
                if let work = work.withLock({ $0.take() }) { return work.body }
            }
        }
    }

    private let order: Order
    private let thread: LinuxSystem.Thread

    /// Starts a thread that keeps no capabilities but these.
    init(name: String, keeping capabilities: CapabilitySet, _ logger: Logger) throws(Errno) {
        let order = try Order()
        thread = try LinuxSystem.Thread(name: name, owning: order) { order in
            do throws(Errno) {
                try capabilities.limitThread()
                try order.await()()
            } catch {
                // Not to go on with more than it should have, or without the thread.
                logger.critical("the thread \(name) cannot begin: \(error)")
                exit(EX_OSERR)
            }
        }
        self.order = order
    }

    /// Gives the thread its work; once.
    func begin(_ body: @escaping @Sendable () -> Void) {
        order.give(body)
    }

    /// Waits for the end of its work.
    consuming func join() {
        thread.join()
    }
}

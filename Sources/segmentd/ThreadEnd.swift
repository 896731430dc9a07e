import LinuxSystem

/// Tells when a thread has ended its work, for whoever does not wait for ever.
final class ThreadEnd: Sendable {
    let notifier: EventNotifier

    init() throws(Errno) {
        notifier = try EventNotifier()
    }

    /// Waits for the end, so long at most; `false` when it did not come.
    func wait(milliseconds: CInt) -> Bool {
        guard let epoll = try? EpollInstance(),
            (try? epoll.add(notifier.descriptor, for: .readable, token: 0)) != nil
        else { return false }
        var ready: [EpollInstance.Ready] = []
        try? epoll.wait(milliseconds: milliseconds, into: &ready)
        return !ready.isEmpty
    }
}

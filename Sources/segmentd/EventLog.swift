import LinuxSystem
import Logging
import SegmentEngine

/// Writes what happened to the log, on a thread of its own, because a log may be slow and the engine must not be.
struct EventLog {
    let events: CommandMailbox<EngineEvent>
    let logger: Logger
    /// Rung when the last line is written.
    let end: ThreadEnd

    /// Writes until the engine ends.
    func run() {
        defer { end.notifier.ring() }
        do throws(Errno) {
            let epoll = try EpollInstance()
            try epoll.add(events.notifier.descriptor, for: .readable, token: 0)
            var ready: [EpollInstance.Ready] = []
            while true {
                try epoll.wait(milliseconds: -1, into: &ready)
                for event in events.takeAll() {
                    write(event)
                    if event == .ended { return }
                }
            }
        } catch {
            logger.error("no more events are logged: \(error)")
        }
    }

    private func write(_ event: EngineEvent) {
        switch event {
        case .started(let id, let local, let remote, let activeGuard):
            let peer = remote.map { "\($0)" } ?? "any"
            logger.info("endpoint \(id) started: local \(local), remote \(peer), guard \(activeGuard)")
        case .degraded(let id, let reason): logger.warning("endpoint \(id) degraded: \(reason)")
        case .stopped(let id): logger.info("endpoint \(id) stopped")
        case .removed(let id): logger.info("endpoint \(id) removed")
        case .restored(let endpoints, let degraded):
            logger.info("restored: \(endpoints) endpoints, \(degraded) of them could not be started")
        case .stateNotKept(let reason): logger.error("changes cannot be kept, and are refused: \(reason)")
        case .stateKept: logger.notice("changes are kept again")
        case .reset(let summary): logger.info("reset: \(summary.endpoints) endpoints removed")
        case .stopping(let signal): logger.info("stopping, on signal \(signal)")
        case .ended: logger.info("stopped")
        }
    }
}

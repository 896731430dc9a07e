import LinuxSystem
import Logging
import SegmentEngine

/// Writes what happened to the log, on a thread of its own, because a log may be slow and the engine must not be.
struct EventLog {
    let events: CommandMailbox<EngineEvent>
    let logger: Logger

    /// Writes until the engine ends.
    func run() {
        do throws(Errno) {
            let epoll = try EpollInstance()
            try epoll.add(events.notifier.descriptor, for: .readable, token: 0)
            var ready: [EpollInstance.Ready] = []
            while true {
                try epoll.wait(milliseconds: -1, into: &ready)
                for event in events.takeAll() {
                    guard event != .ended else { return }
                    write(event)
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
        case .reset(let summary): logger.info("reset: \(summary.endpoints) endpoints removed")
        case .ended: break
        }
    }
}

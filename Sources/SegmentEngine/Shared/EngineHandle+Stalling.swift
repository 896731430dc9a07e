import LinuxSystem

extension EngineHandle {
    /// For how long the engine has stood still, in nanoseconds; 0 while it has nothing to do.
    ///
    /// It is the longest of how long its present turn has taken, and how long a deadline and the first of the
    /// commands that wait have waited for it. Nobody waits for anything here. So that an engine which stands still
    /// while there is nothing to do is seen too, the engine is woken: what it was asked now shows when somebody looks
    /// next.
    package func lookForStalling() -> UInt64 {
        let now = Clock.monotonicNanoseconds
        let commands = mailbox.waitingSince.map { $0 < now ? now - $0 : 0 } ?? 0
        let stalled = max(activity.overdueNanoseconds(at: now), commands)
        mailbox.knock()
        return stalled
    }
}

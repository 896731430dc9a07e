/// A change of state that operators want to read about.
package enum EngineEvent: Hashable, Sendable {
    case started(id: String, local: TransportAddress, remote: TransportAddress?, guardedBy: KernelGuard)
    case degraded(id: String, reason: String)
    case stopped(id: String)
    /// So many endpoints of an earlier start are back, and so many of them could not be started.
    case restored(endpoints: Int, degraded: Int)
    /// What changes cannot be kept, for this reason; changes are refused.
    case stateNotKept(reason: String)
    /// What changed is kept again.
    case stateKept
    case removed(id: String)
    case reset(ResetSummary)
    /// The service was told to stop, by this signal.
    case stopping(signal: Int32)
    /// The engine's thread is about to end.
    case ended
}

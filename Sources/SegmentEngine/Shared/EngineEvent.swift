/// A change of state that operators want to read about.
package enum EngineEvent: Hashable, Sendable {
    case started(id: String, local: TransportAddress, remote: TransportAddress?, guardedBy: KernelGuard)
    case degraded(id: String, reason: String)
    case stopped(id: String)
    case removed(id: String)
    case reset(ResetSummary)
    /// The service was told to stop, by this signal.
    case stopping(signal: Int32)
    /// The engine's thread is about to end.
    case ended
}

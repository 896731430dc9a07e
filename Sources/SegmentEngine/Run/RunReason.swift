extension RunRecord {
    /// Why a run, or a step of it, ended as it did.
    package enum Reason: Hashable, Sendable {
        /// No such segment came in so many nanoseconds.
        case notReceived(within: UInt64)
        /// One came that must not, so many nanoseconds after the step before.
        case received(after: UInt64)
        /// So many segments were lost, and what was waited for may have been among them.
        case lost(kernel: UInt64, ring: UInt64)
        /// So many segments did not leave, and what became of the first of them.
        case notSent(count: UInt64, TransmissionRecord.Failure?)
        /// They could not be sent.
        case refused(EngineError)
        case endpointStopped(id: String)
        /// It took longer than a run may.
        case timeIsUp
        case cancelled
        case serviceEnded
    }
}

/// What the control plane may ask of the engine's thread.
///
/// Every completion is called on that thread, exactly once, when what was asked
/// for is in force; it must be quick, and must not encode.
package enum EngineCommand: Sendable {
    package typealias Completion<Success> = @Sendable (Result<Success, EngineError.Located>) -> Void

    /// Bring back endpoints of an earlier start, before anything else is asked for; `reason` says why one does not start.
    case restore(
        [RestoredEndpoint], reason: @Sendable (EngineError.Located) -> String, @Sendable () -> Void)
    /// Create endpoints, all of them or none.
    case create([EndpointDefinition], Completion<[EndpointRecord]>)
    case start(id: String, Completion<EndpointRecord>)
    case stop(id: String, Completion<EndpointRecord>)
    /// Change an endpoint, which goes on running if it runs.
    case change(id: String, EndpointChange, Completion<EndpointRecord>)
    /// Stop an endpoint and remove it; the record is its last.
    case remove(id: String, Completion<EndpointRecord>)
    /// Send segments from an endpoint; answered when the transmission has begun, or when it has ended or so many
    /// nanoseconds have passed.
    case send(TransmissionPlan, from: String, waitNanoseconds: UInt64?, Completion<TransmissionRecord>)
    /// Answered when a transmission has ended or so many nanoseconds have passed.
    case awaitEnd(transmission: UInt64, waitNanoseconds: UInt64, Completion<TransmissionRecord>)
    /// Send no more of a transmission; one that has ended stays as it is.
    case cancel(transmission: UInt64, Completion<TransmissionRecord>)
    /// Begin a run, or queue it; answered when that is done, or when it has ended or so many nanoseconds have passed.
    case run(RunPlan, waitNanoseconds: UInt64?, Completion<RunRecord>)
    /// Answer with a run when it has ended, or when so many nanoseconds have passed.
    case awaitRun(UInt64, nanoseconds: UInt64, Completion<RunRecord>)
    /// Cancel a run and answer with it; remove one that has ended, and answer with nothing.
    case endRun(UInt64, Completion<RunRecord?>)
    /// Stop and remove everything.
    case reset(Completion<ResetSummary>)
    /// Answer, to show that the engine turns.
    case ping(@Sendable () -> Void)
    /// End the engine's thread.
    case shutDown
}

/// What a reset removed.
package struct ResetSummary: Hashable, Sendable {
    package var endpoints: Int
    package var transmissions: Int
    /// Captured segments.
    package var segments: Int
    package var runs: Int
}

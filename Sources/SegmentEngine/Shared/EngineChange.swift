/// What is different about the engine's state, for whoever keeps what must outlive it.
package enum EngineChange: Sendable {
    /// An endpoint is new or changed.
    case endpoint(EndpointRecord)
    /// An endpoint is gone, by its serial number.
    case endpointRemoved(UInt32)
    /// A transmission began, went on for a while, or ended.
    case transmission(TransmissionRecord)
    /// A transmission of an earlier start is forgotten, by its number.
    case transmissionForgotten(UInt64)
    /// A run came or ended.
    case run(RunRecord)
    case runRemoved(UInt64)
    /// Everything is gone.
    case reset
}

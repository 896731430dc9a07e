/// What receiving needs of the endpoint at a place, close together: with many endpoints, each one's memory is cold.
struct SlotState {
    /// The endpoint's serial number; 0 where there is none.
    var endpoint: UInt32 = 0
    /// The serial number of its socket; 0 when it does not run.
    var socket: UInt32 = 0
    /// The number of the latest capture of its segments; 0 before the first.
    var latestCapture: UInt64 = 0
    /// Where it counts; its counters are held with the endpoint.
    var received: ReceivedCounters
    /// Whether it has rules that it answers by.
    var hasRules = false
    /// Whether a run waits for what it receives.
    var isWatched = false
    /// Whether it has a filter that the kernel does not run for it.
    var isFiltered = false
}

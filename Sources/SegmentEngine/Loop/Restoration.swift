/// How far the bringing back of endpoints has come; for the engine's thread only.
final class Restoration {
    let endpoints: Int
    /// Says why an endpoint does not start.
    let reason: @Sendable (EngineError.Located) -> String
    let completion: @Sendable () -> Void
    /// How many are not back yet.
    var remaining: Int
    /// How many could not be started.
    var degraded = 0

    init(
        endpoints: Int, reason: @escaping @Sendable (EngineError.Located) -> String,
        completion: @escaping @Sendable () -> Void
    ) {
        self.endpoints = endpoints
        self.reason = reason
        self.completion = completion
        remaining = endpoints
    }
}

/// Somebody who keeps what must outlive the engine.
package protocol EngineJournal: Sendable {
    /// Takes note of what changed in one turn, in order; a turn is kept as a whole or not at all.
    ///
    /// Called on the engine's thread before the turn's commands are answered: quick, and never waiting.
    func note(_ changes: [EngineChange])
}

extension SegmentEngine {
    /// Notes a change for whoever keeps them, until the end of the turn.
    mutating func keep(_ change: @autoclosure () -> EngineChange) {
        // What ends because the service does has not ended for those who come after it.
        guard handle.journal != nil, !isEnding else { return }
        changes.append(change())
    }

    /// Hands over what has changed; comes before any answer that tells of it.
    mutating func handOverChanges() {
        guard !changes.isEmpty, let journal = handle.journal else { return }
        journal.note(changes)
        changes.removeAll(keepingCapacity: true)
    }

    /// Answers a command that is obeyed already, at once.
    mutating func answer<Success>(
        _ completion: EngineCommand.Completion<Success>, _ success: Success
    ) {
        handOverChanges()
        completion(.success(success))
    }

    /// Brings back the endpoints of an earlier start, all of them: those that cannot be started are degraded.
    mutating func restore(_ endpoints: [RestoredEndpoint], reason: (EngineError.Located) -> String) {
        var degraded = 0
        for restored in endpoints {
            let endpoint = place(
                restored.definition, id: restored.id, serial: restored.serial, createdAt: restored.createdAt)
            nextSerial = max(nextSerial, restored.serial &+ 1)
            endpoint.startedAt = restored.startedAt
            if restored.isStarted {
                do throws(EngineError.Located) {
                    try start(endpoint)
                } catch {
                    degraded += 1
                    endpoint.degradedReason = "it could not be started again: \(reason(error))"
                    report(.degraded(id: endpoint.id, reason: endpoint.degradedReason ?? ""))
                }
            }
            publish(endpoint)
        }
        report(.restored(endpoints: endpoints.count, degraded: degraded))
    }
}

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
    mutating func restore(
        _ endpoints: [RestoredEndpoint], reason: @escaping @Sendable (EngineError.Located) -> String,
        _ completion: @escaping @Sendable () -> Void
    ) {
        let restoration = Restoration(endpoints: endpoints.count, reason: reason, completion: completion)
        for restored in endpoints {
            let endpoint = place(
                restored.definition, id: restored.id, serial: restored.serial, createdAt: restored.createdAt)
            nextSerial = max(nextSerial, restored.serial &+ 1)
            endpoint.startedAt = restored.startedAt
            guard restored.isStarted else {
                finishRestoring(endpoint, of: restoration, failure: nil)
                continue
            }
            if endpoint.definition.namespace != nil {
                open([endpoint], for: .restoration(restoration))
                continue
            }
            do throws(EngineError.Located) {
                try start(endpoint)
                finishRestoring(endpoint, of: restoration, failure: nil)
            } catch {
                finishRestoring(endpoint, of: restoration, failure: error)
            }
        }
        if endpoints.isEmpty { finish(restoration) }
    }

    /// Shows an endpoint that is back, and why it does not run if it does not; the last one ends the restoration.
    mutating func finishRestoring(
        _ endpoint: EndpointRuntime, of restoration: Restoration, failure: EngineError.Located?
    ) {
        if let failure {
            restoration.degraded += 1
            endpoint.degradedReason = "it could not be started again: \(restoration.reason(failure))"
            report(.degraded(id: endpoint.id, reason: endpoint.degradedReason ?? ""))
        }
        publish(endpoint)
        restoration.remaining -= 1
        if restoration.remaining == 0 { finish(restoration) }
    }

    private mutating func finish(_ restoration: Restoration) {
        report(.restored(endpoints: restoration.endpoints, degraded: restoration.degraded))
        pendingAnswers.append(.ready(restoration.completion))
    }
}

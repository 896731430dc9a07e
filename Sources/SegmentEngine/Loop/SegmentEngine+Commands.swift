import LinuxSystem

extension SegmentEngine {
    /// An answer to a command, given when what it asked for is in force.
    enum PendingAnswer {
        case endpoints([EndpointRuntime], EngineCommand.Completion<[EndpointRecord]>)
        case endpoint(EndpointRuntime, EngineCommand.Completion<EndpointRecord>)
        case ready(() -> Void)
    }

    /// Obeys the queued commands in order; `false` after a shut-down.
    mutating func obeyCommands() -> Bool {
        var isRunning = true
        for command in handle.mailbox.takeAll() {
            if isRunning {
                isRunning = obey(command)
            } else {
                refuse(command)
            }
        }
        flushAll()
        return isRunning
    }

    /// Answers a command that came too late.
    func refuse(_ command: EngineCommand) {
        let error = EngineError.Located(.stopping)
        switch command {
        case .create(_, let completion): completion(.failure(error))
        case .start(_, let completion), .stop(_, let completion), .change(_, _, let completion),
            .remove(_, let completion):
            completion(.failure(error))
        case .send(_, _, _, let completion), .cancel(_, let completion), .awaitEnd(_, _, let completion):
            completion(.failure(error))
        case .run(_, _, let completion), .awaitRun(_, _, let completion): completion(.failure(error))
        case .endRun(_, let completion): completion(.failure(error))
        case .reset(let completion): completion(.failure(error))
        case .ping(let completion), .restore(_, _, let completion): completion()
        case .shutDown: break
        }
    }

    /// Gives the answers that waited for the end of the turn.
    mutating func answerPending() {
        handOverChanges()
        guard !pendingAnswers.isEmpty else { return }
        let answers = pendingAnswers
        pendingAnswers = []
        for answer in answers {
            switch answer {
            case .endpoints(let endpoints, let completion): completion(.success(endpoints.map { record(of: $0) }))
            case .endpoint(let endpoint, let completion): completion(.success(record(of: endpoint)))
            case .ready(let completion): completion()
            }
        }
    }

    /// Obeys a command, or lets it wait until the endpoints that it is about have been opened.
    mutating func obey(_ command: EngineCommand) -> Bool {
        if let opening = opening(before: command) {
            opening.deferred.append(command)
            return true
        }
        switch command {
        case .restore(let endpoints, let reason, let completion): restore(endpoints, reason: reason, completion)
        case .create(let definitions, let completion): create(definitions, completion)
        case .start(let id, let completion): start(id, completion)
        case .stop(let id, let completion):
            completeTurn()
            let completion = endpointsByID[id]?.room == nil ? completion : afterReleases(completion)
            answer(completion, about: id) { engine, endpoint throws(EngineError.Located) in
                engine.stop([endpoint])
                engine.publish(endpoint)
            }
        case .change(let id, let change, let completion):
            answer(completion, about: id) { engine, endpoint throws(EngineError.Located) in
                try engine.apply(change, to: endpoint)
            }
        case .remove(let id, let completion):
            completeTurn()
            let completion = endpointsByID[id]?.room == nil ? completion : afterReleases(completion)
            if let endpoint = endpointsByID[id], let last = remove([endpoint]).first {
                answer(completion, last)
            } else {
                completion(.failure(.init(.unknownEndpoint(id: id))))
            }
        case .send(let plan, let id, let wait, let completion):
            do throws(EngineError.Located) {
                try send(plan, from: id, waitNanoseconds: wait, completion)
            } catch {
                completion(.failure(error))
            }
        case .awaitEnd(let number, let wait, let completion):
            do throws(EngineError.Located) {
                try awaitEnd(of: number, nanoseconds: wait, completion)
            } catch {
                completion(.failure(error))
            }
        case .cancel(let number, let completion):
            if let record = cancel(number) {
                answer(completion, record)
            } else {
                completion(.failure(.init(.unknownTransmission(number: number))))
            }
        case .run(let plan, let wait, let completion):
            do throws(EngineError.Located) {
                try run(plan, waitNanoseconds: wait, completion)
            } catch {
                completion(.failure(error))
            }
        case .awaitRun(let number, let nanoseconds, let completion):
            do throws(EngineError) {
                try awaitRun(number, nanoseconds: nanoseconds, completion)
            } catch {
                completion(.failure(.init(error)))
            }
        case .endRun(let number, let completion):
            do throws(EngineError) {
                answer(completion, try endRun(number))
            } catch {
                completion(.failure(.init(error)))
            }
        case .reset(let completion):
            completeTurn()
            let completion = networks.count == 1 ? completion : afterReleases(completion)
            answer(completion, reset())
        case .ping(let completion):
            probeGuards()
            pendingAnswers.append(.ready(completion))
        case .shutDown:
            return false
        }
        return true
    }

    /// Creates endpoints, all of them or none.
    private mutating func create(
        _ definitions: [EndpointDefinition], _ completion: @escaping EngineCommand.Completion<[EndpointRecord]>
    ) {
        do throws(EngineError.Located) {
            let added = try add(definitions)
            if added.contains(where: { $0.definition.namespace != nil && $0.definition.startsAtOnce }) {
                return open(added, for: .creation(completion))
            }
            do throws(EngineError.Located) {
                try start(added)
                pendingAnswers.append(.endpoints(added, completion))
            } catch {
                disarm(added)
                remove(added)
                throw error
            }
        } catch {
            refuse(completion, because: error)
        }
    }

    /// Starts an endpoint; one that does not run as it was asked to is stopped before, and stays as it is in vain.
    private mutating func start(_ id: String, _ completion: @escaping EngineCommand.Completion<EndpointRecord>) {
        guard let endpoint = endpointsByID[id] else {
            return completion(.failure(.init(.unknownEndpoint(id: id))))
        }
        if let reason = endpoint.degradedReason, endpoint.isRunning {
            completeTurn()
            stop([endpoint])
            endpoint.degradedReason = reason
        }
        if endpoint.definition.namespace != nil, !endpoint.isRunning {
            return open([endpoint], for: .start(completion))
        }
        do throws(EngineError.Located) {
            try start(endpoint)
            pendingAnswers.append(.endpoint(endpoint, completion))
        } catch {
            publish(endpoint)
            refuse(completion, because: error)
        }
    }

    private mutating func answer(
        _ completion: @escaping EngineCommand.Completion<EndpointRecord>, about id: String,
        _ body: (inout SegmentEngine, EndpointRuntime) throws(EngineError.Located) -> Void
    ) {
        do throws(EngineError.Located) {
            guard let endpoint = endpointsByID[id] else { throw .init(.unknownEndpoint(id: id)) }
            try body(&self, endpoint)
            pendingAnswers.append(.endpoint(endpoint, completion))
        } catch {
            completion(.failure(error))
        }
    }
}

/// A command that waits for parts of endpoints in other network namespaces; for the engine's thread only.
final class NamespaceOpening {
    /// What becomes of the endpoints when the parts are there.
    enum Purpose {
        case creation(EngineCommand.Completion<[EndpointRecord]>)
        case start(EngineCommand.Completion<EndpointRecord>)
        /// One endpoint of an earlier start of the service.
        case restoration(Restoration)
    }

    /// All endpoints of the command, also those that need no parts.
    let endpoints: [EndpointRuntime]
    let purpose: Purpose
    /// Sockets that stay open meanwhile, because an endpoint will share them.
    let heldSockets: [EngineSocket]
    /// Commands about the endpoints that came meanwhile.
    var deferred: [EngineCommand] = []

    init(of endpoints: [EndpointRuntime], for purpose: Purpose, holding heldSockets: [EngineSocket]) {
        self.endpoints = endpoints
        self.purpose = purpose
        self.heldSockets = heldSockets
    }

    /// Answers whoever gave the command that it failed.
    func fail(_ error: EngineError.Located) {
        switch purpose {
        case .creation(let completion): completion(.failure(error))
        case .start(let completion): completion(.failure(error))
        case .restoration: break
        }
    }
}

import HTTPMessage
import JSONText
import LinuxSystem
import SegmentEngine

/// What operators ask: is it alive, can it work, what is it, what are its bounds, start over.
struct OperationRoutes: Sendable {
    /// How long the engine may take to show that it turns.
    ///
    /// Whoever asks shall know within a second.
    private static let patienceMilliseconds = 600

    let engine: EngineHandle
    let calls: EngineCalls
    let version: ServiceVersion
    let limits: [ServiceLimit]

    var routes: [Route] {
        [
            .immediate("GET", "/healthz") { request, _ throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return HTTPResponse(status: 200) { json in
                    json.beginObject()
                    json.member("status", "ok")
                    json.endObject()
                }
            },
            Route("GET", "/readyz") { request, _, responder throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                checkReadiness(responder)
            },
            .immediate("GET", "/version") { request, _ throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return HTTPResponse(status: 200) { json in
                    json.beginObject()
                    json.member("version", version.version)
                    json.member("commit", version.commit)
                    json.member("api", version.api)
                    json.endObject()
                }
            },
            .immediate("GET", "/limits") { request, _ throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return HTTPResponse(status: 200) { json in
                    json.beginObject()
                    for limit in limits + ServiceLimit.fixed {
                        json.key(limit.name)
                        json.value(limit.value)
                    }
                    json.endObject()
                }
            },
            Route("POST", "/reset") { request, _, responder throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                try RequestBody.checkEmpty(request)
                try calls.post(to: responder, effect: .ends, EngineCommand.reset, response: Self.response)
            },
        ]
    }

    private func checkReadiness(_ responder: HTTPResponder) {
        let engine = engine
        let state = calls.state
        let posted = engine.post(
            .ping {
                responder.respond { Self.response(Self.checks(of: engine, state, turns: true)) }
            })
        guard posted else {
            responder.respond(Self.response(Self.checks(of: engine, state, turns: false)))
            return
        }
        responder.respond(after: Self.patienceMilliseconds) {
            Self.response(Self.checks(of: engine, state, turns: false))
        }
    }

    private static func checks(of engine: EngineHandle, _ state: StateJournal?, turns: Bool) -> [ReadinessCheck] {
        [.engine(turns: turns), .rawSocket(engine.health.rawSocket)]
            + ReadinessCheck.receiveBuffer(engine.health.rawSocket, wanted: engine.configuration.receiveBufferOctets)
            + ReadinessCheck.guards(engine.health.guards)
            + ReadinessCheck.privilegedPorts(engine.health.holdsPrivilegedPorts)
            + ReadinessCheck.portHolders(engine.health.namesAllPortHolders)
            + ReadinessCheck.namespaces(engine.health.namespaces)
            + ReadinessCheck.state(of: state)
    }

    private static func response(_ checks: [ReadinessCheck]) -> HTTPResponse {
        guard checks.allSatisfy({ $0.isOK || !$0.isRequired }) else {
            let wrong = checks.filter { !$0.isOK && $0.isRequired }.map(\.detail).joined(separator: "; ")
            return HTTPResponse(
                Problem(.notReady, detail: wrong, extensions: [("checks", .array(checks.map(\.json)))])
                    .retryAfter(seconds: 1))
        }
        return HTTPResponse(status: 200) { json in
            json.beginObject()
            json.member("status", "ok")
            json.member("checks", .array(checks.map(\.json)))
            json.endObject()
        }
    }

    private static func response(_ summary: ResetSummary) -> HTTPResponse {
        // Who starts over means memory too.
        Allocator.giveBack()
        return HTTPResponse(status: 200) { json in
            json.beginObject()
            json.member("endpoints", summary.endpoints)
            json.member("transmissions", summary.transmissions)
            json.member("segments", summary.segments)
            json.member("runs", summary.runs)
            json.endObject()
        }
    }
}

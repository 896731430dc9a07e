import AccessControl
import HTTPMessage
import JSONText
import SegmentEngine

/// Counters, of one endpoint and of all.
struct CounterRoutes: Sendable {
    let engine: EngineHandle
    /// Who was refused, where somebody may be.
    let access: AccessCounters?

    var routes: [Route] {
        [
            .immediate("GET", "/counters") { request, _ throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                return HTTPResponse(status: 200, write)
            },
            .immediate("GET", "/endpoints/{id}/counters") { request, parameters throws(Problem) in
                try QueryReader.refuseParameters(of: request)
                guard let endpoint = engine.endpoints.endpoint(parameters[0]) else {
                    throw EngineProblems.problem(.init(.unknownEndpoint(id: parameters[0])))
                }
                return HTTPResponse(status: 200) { json in
                    CountersJSON.write(of: endpoint, to: &json)
                }
            },
        ]
    }

    private func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("total")
        CountersJSON.write(
            engine.totals, kernelDrops: engine.totals.kernelDrops.value, filtered: engine.totals.filtered.value,
            to: &json)
        json.key("endpoints")
        json.beginObject()
        for endpoint in engine.endpoints.all {
            json.key(endpoint.id)
            CountersJSON.write(of: endpoint, to: &json)
        }
        json.endObject()
        if let access {
            json.key("access")
            json.beginObject()
            for event in AccessCounters.Event.allCases {
                json.key(event.rawValue)
                json.value(access[event])
            }
            json.endObject()
        }
        json.endObject()
    }
}

import HTTPMessage
import JSONText
package import SegmentEngine
package import StateStore

/// What a file keeps, as the engine takes it.
package struct RestoredState: Sendable {
    /// An endpoint that is kept in a form which is not understood.
    package struct NotUnderstood: Error, Hashable, CustomStringConvertible {
        package var id: String
        package var detail: String

        package var description: String { "its endpoint \"\(id)\" is not understood: \(detail)" }
    }

    package let endpoints: [RestoredEndpoint]
    private let transmissions: [TransmissionRecord]
    private let runs: [RunRecord]
    private let latestTransmission: UInt64
    private let latestRun: UInt64

    package init(_ stored: StoredState) throws(NotUnderstood) {
        var endpoints: [RestoredEndpoint] = []
        endpoints.reserveCapacity(stored.endpoints.count)
        for endpoint in stored.endpoints {
            endpoints.append(try Self.endpoint(endpoint))
        }
        self.endpoints = endpoints
        transmissions = stored.transmissions.map { transmission in
            TransmissionRecord(number: transmission.number, restored: [UInt8](transmission.json.utf8))
        }
        runs = stored.runs.map { run in
            RunRecord(number: run.number, restored: .init(json: [UInt8](run.json.utf8), xml: [UInt8](run.xml.utf8)))
        }
        latestTransmission = stored.latestTransmission
        latestRun = stored.latestRun
    }

    /// Shows the transmissions and runs, before the engine's thread begins, and forgets those that are too many.
    package func publish(in engine: EngineHandle, journal: StateJournal) {
        let transmissions = engine.transmissions.restore(transmissions, latest: latestTransmission)
        let runs = engine.runs.restore(runs, latest: latestRun)
        journal.forget(transmissions: transmissions, runs: runs)
    }

    /// Why an endpoint could not be started again.
    package static func reason(_ error: EngineError.Located) -> String {
        if case .portHeld(let local, let program) = error.error {
            return "\(local) is held by \(program ?? "another program")"
        }
        return EngineProblems.problem(error).detail ?? "\(error.error)"
    }

    private static func endpoint(_ stored: StoredEndpoint) throws(NotUnderstood) -> RestoredEndpoint {
        let violations = Violations()
        let definition: EndpointDefinition?
        do throws(JSONError) {
            let value = try JSONParser.parse([UInt8](stored.definition.utf8))
            definition = EndpointReader.definition(
                FieldReader(value: value, pointer: .root, violations: violations))
        } catch {
            throw NotUnderstood(id: stored.id, detail: "\(error)")
        }
        do throws(Problem) {
            try violations.check()
        } catch {
            throw NotUnderstood(id: stored.id, detail: error.detail ?? "")
        }
        guard var definition else { throw NotUnderstood(id: stored.id, detail: "it has no role") }
        definition.startsAtOnce = stored.isStarted
        return RestoredEndpoint(
            definition: definition, id: stored.id, serial: stored.serial, isStarted: stored.isStarted,
            createdAt: stored.createdAt, startedAt: stored.startedAt)
    }
}

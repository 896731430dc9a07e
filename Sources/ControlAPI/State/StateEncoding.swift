import JSONText
import SegmentEngine
import StateStore

/// Writes what is to be kept, in the forms that the API shows.
enum StateEncoding {
    static func changes(_ batch: StateBatch) -> StateChanges {
        var changes = StateChanges()
        changes.removesAll = batch.removesAll
        for (serial, entry) in batch.endpoints {
            switch entry {
            case .put(let record): changes.endpoints.append(endpoint(record))
            case .remove: changes.removedEndpoints.append(serial)
            }
        }
        for (number, entry) in batch.transmissions {
            switch entry {
            case .put(let record): changes.transmissions.append(transmission(record))
            case .remove: changes.removedTransmissions.append(number)
            }
        }
        for (number, entry) in batch.runs {
            switch entry {
            case .put(let record): changes.runs.append(run(record))
            case .remove: changes.removedRuns.append(number)
            }
        }
        changes.latestTransmission = batch.latestTransmission
        changes.latestRun = batch.latestRun
        return changes
    }

    static func endpoint(_ record: EndpointRecord) -> StoredEndpoint {
        var json = JSONWriter(reservingCapacity: 1024)
        EndpointJSON.writeDefinition(record.definition, id: record.id, to: &json)
        return StoredEndpoint(
            serial: record.serial, id: record.id, isStarted: record.state != .stopped, createdAt: record.createdAt,
            startedAt: record.startedAt, definition: String(decoding: json.octets, as: UTF8.self))
    }

    /// As it is to be shown if nothing more is heard of it.
    static func transmission(_ record: TransmissionRecord) -> StoredTransmission {
        var lost = record
        lost.state = .lost
        var json = JSONWriter()
        TransmissionJSON.write(lost, to: &json)
        return StoredTransmission(number: record.number, json: String(decoding: json.octets, as: UTF8.self))
    }

    /// As it is to be shown if nothing more is heard of it.
    static func run(_ record: RunRecord) -> StoredRun {
        var last = record
        if !record.hasEnded {
            last.state = .lost
            last.reason = .serviceEnded
            for index in last.steps.indices where [.pending, .running].contains(last.steps[index].state) {
                last.steps[index].state = .skipped
            }
        }
        var json = JSONWriter()
        RunJSON.write(last, to: &json)
        return StoredRun(
            number: record.number, json: String(decoding: json.octets, as: UTF8.self),
            xml: String(decoding: RunXML.octets(last), as: UTF8.self))
    }
}

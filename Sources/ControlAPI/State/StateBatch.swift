import SegmentEngine

/// What has changed and is not in the file yet, the latest of each thing only: however long it grows, it has no more
/// than there is.
struct StateBatch: Sendable {
    /// What is to become of one thing.
    enum Entry<Record: Sendable>: Sendable {
        case put(Record)
        case remove
    }

    /// Whether all that was there before goes first.
    var removesAll = false
    /// By serial number.
    var endpoints: [UInt32: Entry<EndpointRecord>] = [:]
    var transmissions: [UInt64: Entry<TransmissionRecord>] = [:]
    var runs: [UInt64: Entry<RunRecord>] = [:]
    var latestTransmission: UInt64 = 0
    var latestRun: UInt64 = 0

    var isEmpty: Bool { !removesAll && endpoints.isEmpty && transmissions.isEmpty && runs.isEmpty }

    /// How many things it is about.
    var count: Int { endpoints.count + transmissions.count + runs.count }

    mutating func add(_ change: EngineChange) {
        switch change {
        case .endpoint(let record): endpoints[record.serial] = .put(record)
        case .endpointRemoved(let serial): endpoints[serial] = .remove
        case .transmission(let record):
            transmissions[record.number] = record.hasEnded ? .remove : .put(record)
            latestTransmission = max(latestTransmission, record.number)
        case .transmissionForgotten(let number): transmissions[number] = .remove
        case .run(let record):
            runs[record.number] = .put(record)
            latestRun = max(latestRun, record.number)
        case .runRemoved(let number): runs[number] = .remove
        case .reset:
            endpoints = [:]
            transmissions = [:]
            runs = [:]
            removesAll = true
        }
    }

    /// Adds what changed after.
    mutating func add(_ later: StateBatch) {
        if later.removesAll { add(.reset) }
        endpoints.merge(later.endpoints) { $1 }
        transmissions.merge(later.transmissions) { $1 }
        runs.merge(later.runs) { $1 }
        latestTransmission = max(latestTransmission, later.latestTransmission)
        latestRun = max(latestRun, later.latestRun)
    }
}
